"""What the tests are given: raw counts of one interval, never rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

RATE_MIN, RATE_MAX = 1e-6, 0.98
PRIOR_HITS, PRIOR_REQUESTS = 0.5, 100.0
"""Before anything was counted a baseline is taken to hit in 0.5 % of its requests, with little weight."""
HALF_LIFE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Arms:
    """Requests of both versions in one interval, and how many of them were *hits*.

    A hit is what is tested: an error, or a request slower than some edge. `0 <= hits <= requests`, else
    ValueError.
    """

    canary: int
    canary_hits: int
    baseline: int
    baseline_hits: int

    def __post_init__(self) -> None:
        if not 0 <= self.canary_hits <= self.canary or not 0 <= self.baseline_hits <= self.baseline:
            message = f"hits cannot be negative or more than the requests: {self}"
            raise ValueError(message)


Strata: TypeAlias = Mapping[str, Arms]
"""One interval, by stratum: a part of the traffic within which requests go to the versions at random."""


class Past:
    """The baseline's rate up to now, older counts weighing less: half after ten minutes.

    It is used before it takes an interval in, so that no interval is judged with itself.
    """

    __slots__ = ("_hits", "_requests")

    def __init__(self) -> None:
        self._hits = 0.0
        self._requests = 0.0

    def take(self, requests: int, hits: int, seconds: float) -> None:
        """Count an interval of that many seconds."""
        kept = 0.5 ** (seconds / HALF_LIFE_SECONDS)
        self._requests = self._requests * kept + requests
        self._hits = self._hits * kept + hits

    @property
    def rate(self) -> float:
        """Hits per request, within 1e-6 and 0.98."""
        seen = (self._hits + PRIOR_HITS) / (self._requests + PRIOR_REQUESTS)
        return min(max(seen, RATE_MIN), RATE_MAX)


class Pasts:
    """The baseline's past in each stratum."""

    __slots__ = ("_by_stratum",)

    def __init__(self) -> None:
        self._by_stratum: dict[str, Past] = {}

    def take(self, strata: Strata, seconds: float) -> None:
        """Count an interval of that many seconds."""
        for stratum, arms in strata.items():
            past = self._by_stratum.setdefault(stratum, Past())
            past.take(arms.baseline, arms.baseline_hits, seconds)

    def rate(self, stratum: str) -> float:
        """Hits per request, within 1e-6 and 0.98."""
        return self._by_stratum.setdefault(stratum, Past()).rate
