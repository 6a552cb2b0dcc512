"""Adds up what successive router processes counted, so that counters never go back while the edge runs.

What a router counted between its last report and its crash is lost; the edge asks for one every second.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.runtime.counters import LatencyHistogram, VersionCounters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(slots=True)
class _Counts:
    requests: int = 0
    exceptions: int = 0
    unanswered: int = 0
    disconnects: int = 0
    sum_ms: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    buckets: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(
            self.requests + other.requests,
            self.exceptions + other.exceptions,
            self.unanswered + other.unanswered,
            self.disconnects + other.disconnects,
            self.sum_ms + other.sum_ms,
            self.statuses + other.statuses,
            self.buckets + other.buckets,
        )


Counts = dict[tuple[str, str], _Counts]


class Ledger:
    """`record` takes the router's report; `read` tells the sums."""

    def __init__(self, edges_ms: Sequence[float]) -> None:
        self._edges_ms = tuple(edges_ms)
        self._generation = 0
        self._before: Counts = {}
        self._now: Counts = {}

    def record(self, report: Mapping[str, Any]) -> None:
        """Take a report. One of a new generation begins at 0, so what the last one counted is kept."""
        if report["generation"] != self._generation:
            self._before = _sum(self._before, self._now)
            self._generation = report["generation"]
        self._now = {_key(name): _counts(raw) for name, raw in report["versions"].items()}

    def read(self, inflight: Mapping[str, int]) -> tuple[VersionCounters, ...]:
        """Counters of every script and version; `inflight` by version."""
        return tuple(
            self._shown(script, version, counts, inflight.get(version, 0))
            for (script, version), counts in _sum(self._before, self._now).items()
        )

    def _shown(self, script: str, version: str, counts: _Counts, inflight: int) -> VersionCounters:
        buckets = (counts.buckets[bucket] for bucket in range(len(self._edges_ms) + 1))
        return VersionCounters(
            script=script,
            version_id=version,
            requests=counts.requests,
            exceptions=counts.exceptions,
            unanswered=counts.unanswered,
            disconnects=counts.disconnects,
            statuses=dict(counts.statuses),
            latency=LatencyHistogram(self._edges_ms, tuple(itertools.accumulate(buckets)), counts.sum_ms),
            inflight=inflight,
        )


def _sum(one: Counts, other: Counts) -> Counts:
    return {key: one.get(key, _Counts()) + other.get(key, _Counts()) for key in one | other}


def _key(name: str) -> tuple[str, str]:
    script, _, version = name.partition(" ")
    return script, version


def _counts(raw: Mapping[str, Any]) -> _Counts:
    return _Counts(
        raw["requests"],
        raw["exceptions"],
        raw["unanswered"],
        raw["disconnects"],
        raw["sumMs"],
        Counter({int(status): count for status, count in raw["statuses"].items()}),
        Counter(dict(enumerate(raw["buckets"]))),
    )
