"""One module a kind of change. Shared steps are in `parts`; kinds do not import each other."""
