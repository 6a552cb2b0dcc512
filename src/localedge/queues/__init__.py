"""Queues: messages kept in the edge's database, and their delivery to Workers and to those who pull."""
