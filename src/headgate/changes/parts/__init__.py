"""Steps that more than one kind of change is made of."""
