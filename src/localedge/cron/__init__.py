"""Cron triggers: when a Worker's `scheduled()` runs."""
