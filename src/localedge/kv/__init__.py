"""Workers KV: what is stored, where, and the binding."""
