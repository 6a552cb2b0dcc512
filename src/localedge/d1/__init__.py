"""D1: databases, their content, and their history, which Time Travel restores from."""
