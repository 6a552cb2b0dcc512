"""A rollout in stages: what is measured in them, and how that is judged."""
