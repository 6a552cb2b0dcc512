"""How Headgate is spoken to: each entrypoint parses, calls the application, and renders."""
