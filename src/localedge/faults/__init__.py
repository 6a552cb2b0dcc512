"""Faults on demand: answers of the API that are wrong, late or missing, and processes that die."""
