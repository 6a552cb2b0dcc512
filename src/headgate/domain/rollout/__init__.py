"""A rollout in stages: what is measured in them."""
