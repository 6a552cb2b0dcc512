"""Watching production at a split: begin, look again and again, ask a person, end."""
