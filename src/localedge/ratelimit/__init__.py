"""The rate-limit binding: counters that all Workers and versions with the same namespace share."""
