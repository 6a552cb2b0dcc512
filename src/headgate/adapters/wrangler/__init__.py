"""The project's own wrangler: found, its configuration read, and made to build the bundle."""
