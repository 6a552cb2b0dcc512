"""Processes that have Durable Objects: each object is in one of them at a time."""
