"""Durable Objects: the namespaces, the rules of migrations, and the binding."""
