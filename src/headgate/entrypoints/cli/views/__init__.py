"""What people see: pure functions from what the journal says to text."""
