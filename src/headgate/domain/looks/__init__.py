"""What was seen and weighed at each look of a watch, read from the journal for people."""
