"""What more than one gate is made of, or what would be too much for one file. Nothing here is a gate."""
