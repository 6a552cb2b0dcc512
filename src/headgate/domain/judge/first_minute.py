"""The first minute of a version: cold starts make it slow and unsteady, so the tests do not look at it.

Unless everything fails. That has a test of its own, with the null hypothesis that at least half of the
requests work; eleven failures in a row are enough.
"""

from __future__ import annotations

import math

SECONDS = 60.0
ALPHA = 0.001
WORKING, FAILING = 0.5, 0.95


class EverythingFails:
    """Takes the requests and errors of the first minute."""

    __slots__ = ("_errors", "_log_evidence", "_requests")

    def __init__(self) -> None:
        self._log_evidence = 0.0
        self._requests = 0
        self._errors = 0

    log_limit = -math.log(ALPHA)
    """Natural logarithm of what is enough."""

    def take(self, requests: int, errors: int) -> None:
        """Count an interval."""
        worked = requests - errors
        self._requests += requests
        self._errors += errors
        self._log_evidence += errors * math.log(FAILING / WORKING)
        self._log_evidence += worked * math.log((1 - FAILING) / (1 - WORKING))

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence that nearly everything fails."""
        return self._log_evidence

    @property
    def fires(self) -> bool:
        """Whether the evidence is enough to roll back at once."""
        return self._log_evidence >= self.log_limit

    @property
    def seen(self) -> str:
        """The figures behind it."""
        return f"{self._errors} of {self._requests} requests failed in the first minute"
