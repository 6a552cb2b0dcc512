"""Counters by version, from wherever they are counted."""
