"""Counts the events of a live tail.

An event's form is that of `wrangler tail --format json`:
https://developers.cloudflare.com/workers/observability/logs/real-time-logs/
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from headgate.adapters.measurements.counting import at_most, bucket_of
from headgate.domain.traffic import Counters

VERSIONS_MAX = 50
STRETCHES_MAX = 30
_NO_FAILURE = frozenset({"ok", "canceled", "responseStreamDisconnected"})
OVERLOAD = "overload"
"""The kind of event by which the platform says that it leaves events out."""


class Stretch(NamedTuple):
    """Some time, and what was counted in it, of versions that had requests."""

    seconds: float
    counters: dict[str, Counters]


@dataclass(slots=True)
class _Sums:
    requests: int = 0
    exceptions: int = 0
    errors: int = 0
    slow: dict[float, int] = field(default_factory=dict)

    def counters(self) -> Counters:
        buckets = at_most(self.slow) if self.slow else {}
        return Counters(self.requests, self.exceptions, self.errors, buckets)


class TailCounts:
    """What was heard since listening began, by version. Requests only: no alarms, crons or queues."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sums] = {}
        self._tells_times = False
        self._stretches: deque[Stretch] = deque(maxlen=STRETCHES_MAX)
        self._begun: tuple[float, dict[str, Counters]] | None = None
        self.is_sampled = False
        self.not_understood = 0

    def tick(self, now_seconds: float, *, at_least_seconds: float = 60.0) -> None:
        """End a stretch of time that has lasted a minute, by a clock that does not jump."""
        if self._begun is None:
            self._begun = now_seconds, {}
        begun, before = self._begun
        if now_seconds - begun < at_least_seconds:
            return
        counted = self.counters(tuple(self._sums))
        grown = {version: one.since(before.get(version)) for version, one in counted.items()}
        heard = {version: one for version, one in grown.items() if one.requests}
        self._stretches.append(Stretch(now_seconds - begun, heard))
        self._begun = now_seconds, counted

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """What was counted in each stretch of time that has ended, oldest first; half an hour at most."""
        return tuple(self._stretches)

    def take(self, message: str | bytes) -> None:
        """Count one message. One that is no event is counted as such, and nothing else."""
        try:
            event = json.loads(message)
            self._count(event, event["event"])
        except (AttributeError, KeyError, TypeError, ValueError):
            self.not_understood += 1

    def counters(self, versions: tuple[str, ...]) -> dict[str, Counters]:
        """Of these versions; one that was not heard of had no requests."""
        return {version: self._sums.get(version, _Sums()).counters() for version in versions}

    def _count(self, event: dict[str, Any], happened: dict[str, Any] | None) -> None:
        if happened is None:
            return
        if happened.get("type") == OVERLOAD:
            self.is_sampled = True
        if "request" not in happened:
            return
        version, outcome = str(event["scriptVersion"]["id"]), str(event["outcome"])
        if version not in self._sums and len(self._sums) >= VERSIONS_MAX:
            return
        failed = outcome not in _NO_FAILURE
        status = (happened.get("response") or {}).get("status", 0)
        sums = self._sums.setdefault(version, _Sums())
        sums.requests += 1
        sums.exceptions += failed
        sums.errors += failed or status >= 500
        self._time(sums, event.get("wallTime"))

    def _time(self, sums: _Sums, wall_ms: object) -> None:
        """A runtime that does not measure says 0 for every request: then there are no times to compare."""
        if isinstance(wall_ms, bool) or not isinstance(wall_ms, int | float) or not wall_ms >= 0:
            return
        self._tells_times = self._tells_times or wall_ms > 0
        if self._tells_times:
            edge = bucket_of(wall_ms)
            sums.slow[edge] = sums.slow.get(edge, 0) + 1
