"""The judge of a version that has all the traffic: it is compared with the past of the version before.

That is weaker than comparing two versions that serve at the same time, for the day may have changed; so the
limits have a margin, and an outage of something both depend on looks like a fault of the new version. On a
first release there is no past: then the limit is the objective.

Null hypotheses of one sample: for a rollback `p <= limit`, for a promotion `p >= limit`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.judge.first_minute import EverythingFails
from headgate.domain.judge.logarithms import log_mean
from headgate.domain.judge.objective import ObjectiveTest
from headgate.domain.judge.words import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headgate.domain.judge.interval import Interval
    from headgate.domain.judge.rules import JudgeRules
    from headgate.domain.traffic import Counters

RATIO, MARGIN = 1.5, 0.01
"""The new version may have half as many hits again as the one before, and one in a hundred requests more."""
LIMIT_MAX = 0.9
PAST_REQUESTS_MIN = 1000
"""A past of fewer requests says too little: then the limit is the objective, and latency is left alone."""
TIMED_MIN = 100
"""With fewer requests of users, a promotion does not wait for their latency."""
ENOUGH = 20.0
WELL_BELOW = (0.1, 0.3, 0.5, 0.7)


class BelowTest:
    """Evidence that a rate is below a limit: the bets are on shares of the limit."""

    __slots__ = ("_limit", "_logs")

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._logs = [0.0] * len(WELL_BELOW)

    def take(self, requests: int, hits: int) -> None:
        """Test an interval."""
        for place, share in enumerate(WELL_BELOW):
            missed = math.log1p(-share * self._limit) - math.log1p(-self._limit)
            self._logs[place] += hits * math.log(share) + (requests - hits) * missed

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence; 0 is none."""
        return log_mean(self._logs)


class _Limited:
    """One metric with its limit, tested both ways."""

    __slots__ = ("_hits", "_requests", "above", "below", "limit", "what")

    def __init__(self, what: str, limit: float) -> None:
        self.what, self.limit = what, limit
        self.above, self.below = ObjectiveTest(limit), BelowTest(limit)
        self._requests = self._hits = 0

    def take(self, at_seconds: float, requests: int, hits: int) -> None:
        self.above.take(at_seconds, requests, hits)
        self.below.take(requests, hits)
        self._requests += requests
        self._hits += hits

    @property
    def seen(self) -> str:
        return f"{self.what} {percent(self._hits, self._requests)}, the limit is {self.limit * 100:.3g} %"


class AloneJudge:
    """Takes intervals of one version, tells the evidence for and against."""

    def __init__(self, rules: JudgeRules, past: Counters | None, edges: tuple[float, ...]) -> None:
        """`past` is what was counted for the version before, None where there was none."""
        self._grace_seconds = rules.grace_seconds
        self._errors = _Limited("errors", _error_limit(rules, past))
        limits = _slow_limits(rules, {} if past is None else past.buckets, edges)
        self._slow = {edge: _Limited(f"slower than {edge:g} ms", limit) for edge, limit in limits.items()}
        self._timed = 0
        self._everything = EverythingFails()

    def take(self, interval: Interval) -> None:
        """Test an interval. In the first minute only a total failure counts."""
        at = interval.at_seconds - self._grace_seconds
        for pair in interval.strata.values():
            mine = pair.canary
            if at < 0:
                self._everything.take(mine.requests, mine.errors)
                continue
            self._errors.take(at, mine.requests, mine.errors)
            total = max(mine.buckets.values(), default=0)
            self._timed += total
            for edge, limited in self._slow.items():
                limited.take(at, total, total - mine.buckets.get(edge, total))

    def evidence(self) -> tuple[Evidence, ...]:
        """All of it, as it stands."""
        return (*self._against(), *self._in_favour())

    def _against(self) -> Iterator[Evidence]:
        everything, errors = self._everything, self._errors
        yield Evidence(
            "everything fails",
            Side.ROLLBACK,
            everything.log_evidence,
            everything.log_limit,
            everything.seen,
        )
        yield Evidence(
            "errors", Side.ROLLBACK, errors.above.log_evidence, errors.above.log_limit, errors.seen
        )
        if self._slow:
            worst = max(self._slow.values(), key=lambda one: one.above.log_evidence)
            mean = log_mean([one.above.log_evidence for one in self._slow.values()])
            yield Evidence("latency", Side.ROLLBACK, mean, worst.above.log_limit, worst.seen)

    def _in_favour(self) -> Iterator[Evidence]:
        enough = math.log(ENOUGH)
        yield Evidence("errors", Side.PROMOTE, self._errors.below.log_evidence, enough)
        # With hardly a user there is nobody to be slow for: probes show that it works, and are not timed.
        if self._slow and self._timed >= TIMED_MIN:
            least = min(one.below.log_evidence for one in self._slow.values())
            yield Evidence("latency", Side.PROMOTE, least, enough)


def _error_limit(rules: JudgeRules, past: Counters | None) -> float:
    if past is None or not past.requests:
        return rules.objective_over(0.0)
    rate = past.errors / past.requests
    return _limit(rate) if past.requests >= PAST_REQUESTS_MIN else rules.objective_over(rate)


def _slow_limits(
    rules: JudgeRules, past: Mapping[float, int], edges: tuple[float, ...]
) -> dict[float, float]:
    """Edge to test at -> the share of requests that may be slower.

    It is the share that was slower than an edge before, but tested at an edge that is further up by as much
    as a version may be slower: a machine that is busier than before must not look like a fault.
    """
    if max(past.values(), default=0) < PAST_REQUESTS_MIN:
        return {}
    known = sorted(edge for edge in past if edge != math.inf)
    limits: dict[float, float] = {}
    for edge in edges:
        stretched = max(edge * rules.slower_ratio, edge + rules.slower_ms)
        tested = next((one for one in known if one >= stretched), None)
        if tested is not None:
            limits[tested] = min(_limit_at(past, edge), limits.get(tested, LIMIT_MAX))
    return limits


def _limit_at(buckets: Mapping[float, int], edge: float) -> float:
    total = max(buckets.values(), default=0)
    return _limit((total - buckets.get(edge, 0)) / total if total else 0.0)


def _limit(past_rate: float) -> float:
    return min(RATIO * past_rate + MARGIN, LIMIT_MAX)
