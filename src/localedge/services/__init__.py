"""Service bindings: a Worker that calls another one."""
