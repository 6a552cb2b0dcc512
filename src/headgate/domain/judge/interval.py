"""One interval of a rollout: what was counted for both versions, in each stratum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from headgate.domain.judge.counts import Arms, Strata
from headgate.domain.traffic import NOTHING_COUNTED, Counters

USERS, PROBES = "users", "probes"
"""The strata that Headgate knows: requests of users, and its own, sent to both versions in equal number."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Differences of counters over one interval, of the canary and of the baseline."""

    canary: Counters
    baseline: Counters = NOTHING_COUNTED


Slower: TypeAlias = Mapping[float, Arms]
"""Upper edge in ms -> the requests of one interval, those slower than the edge as hits."""


@dataclass(frozen=True, slots=True)
class Interval:
    """`at_seconds` is its beginning, after the canary first took traffic; `seconds` how long it is.

    `custom` holds the metrics that a user defined, counted as hits: more of them is worse.
    """

    at_seconds: float
    seconds: float
    strata: Mapping[str, Pair]
    custom: Mapping[str, Arms] = field(default_factory=dict)

    @property
    def errors(self) -> Strata:
        """Errors as hits, by stratum."""
        return {
            stratum: Arms(
                pair.canary.requests, pair.canary.errors, pair.baseline.requests, pair.baseline.errors
            )
            for stratum, pair in self.strata.items()
        }

    @property
    def slower(self) -> Mapping[str, Slower]:
        """Slow requests as hits, by stratum and edge, where both versions have histograms."""
        return {stratum: _slower(pair) for stratum, pair in self.strata.items()}

    @property
    def canary(self) -> Counters:
        """The canary's users."""
        return self.strata[USERS].canary if USERS in self.strata else NOTHING_COUNTED


def _slower(pair: Pair) -> Slower:
    canary, baseline = _slow_counts(pair.canary), _slow_counts(pair.baseline)
    return {edge: Arms(*canary[edge], *baseline.get(edge, (0, 0))) for edge in canary if edge != float("inf")}


def _slow_counts(counters: Counters) -> dict[float, tuple[int, int]]:
    """Edge -> requests in the histogram, and those above the edge."""
    total = max(counters.buckets.values(), default=0)
    return {edge: (total, total - at_most) for edge, at_most in counters.buckets.items()}
