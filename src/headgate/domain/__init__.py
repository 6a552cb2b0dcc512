"""The words and decisions of Headgate: pure code, no input or output, no clock, no randomness."""
