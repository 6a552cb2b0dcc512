"""Latency: of each version, how many requests were slower than an edge of the histogram?

A request slower than edge j is a hit of the metric at edge j. Edges are chosen once, before the canary has
traffic, near the baseline's quantiles. The evidences for a rollback are averaged over the edges, which is
evidence again, whatever their dependence; a promotion has to pass at each.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from headgate.domain.judge.logarithms import log_mean
from headgate.domain.judge.metric import Metric
from headgate.domain.judge.promote import PromoteRules
from headgate.domain.judge.rollback import LATENCY, RollbackRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.judge.counts import Arms
    from headgate.domain.judge.interval import Slower

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
NOT_MUCH_SLOWER = PromoteRules(margin=0.01, ratio=1.3)


def edges_near(buckets: Mapping[float, int], quantiles: Sequence[float] = QUANTILES) -> tuple[float, ...]:
    """The edges (ms) at or above the quantiles of a cumulative histogram; none of an empty one."""
    edges = sorted(edge for edge in buckets if edge != float("inf"))
    total = max(buckets.values(), default=0)
    if not edges or not total:
        return ()
    counts = [buckets[edge] for edge in edges]
    places = (min(bisect_left(counts, quantile * total), len(edges) - 1) for quantile in quantiles)
    return tuple(dict.fromkeys(edges[place] for place in places))


class Latency:
    """One metric an edge. Without edges there is no evidence, neither way."""

    __slots__ = ("_metrics", "_rules")

    def __init__(self, edges: Sequence[float], rules: RollbackRules = LATENCY) -> None:
        self._rules = rules
        self._metrics = {edge: Metric(rules, NOT_MUCH_SLOWER) for edge in edges}

    def begin_stage(self) -> None:
        """Begin to prove anew that the canary is not much slower."""
        for metric in self._metrics.values():
            metric.begin_stage(NOT_MUCH_SLOWER)

    def remember(self, strata: Mapping[str, Slower], seconds: float) -> None:
        """Learn the baseline's rates from an interval that is not tested."""
        for edge, metric in self._metrics.items():
            metric.remember(_at(strata, edge), seconds)

    def take(self, at_seconds: float, strata: Mapping[str, Slower], seconds: float) -> None:
        """Test an interval; see `Metric.take`."""
        for edge, metric in self._metrics.items():
            metric.take(at_seconds, _at(strata, edge), seconds)

    @property
    def is_measured(self) -> bool:
        """Whether there are edges to test at."""
        return bool(self._metrics)

    @property
    def log_rollback(self) -> float:
        """Natural logarithm of the evidence for a rollback, averaged over the edges."""
        logs = [metric.rollback.log_evidence for metric in self._metrics.values()]
        return log_mean(logs) if logs else 0.0

    @property
    def log_promote(self) -> float:
        """Natural logarithm of the evidence for a promotion, at the edge that has least."""
        return min((metric.promote.log_evidence for metric in self._metrics.values()), default=0.0)

    @property
    def seen(self) -> str:
        """The figures of the edge with the most evidence, as in `slower than 40 ms 12 % against 4 %`."""
        if not self._metrics:
            return ""
        worst = max(self._metrics, key=lambda edge: self._metrics[edge].rollback.log_evidence)
        return self._metrics[worst].totals.told(f"slower than {worst:g} ms")


def _at(strata: Mapping[str, Slower], edge: float) -> dict[str, Arms]:
    return {stratum: slower[edge] for stratum, slower in strata.items() if edge in slower}
