"""The last half hour by the minute, with the errors that clients met. In memory: it ends with the edge."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localedge.runtime import VersionCounters

MINUTE = 60
KEPT_SECONDS = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Tally:
    """What a version answered. `errors` are answers with status 500 and above, exceptions among them.

    `buckets` are those of the latencies: index of the upper edge -> requests in that bucket alone.
    """

    requests: int = 0
    errors: int = 0
    exceptions: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.requests + other.requests,
            self.errors + other.errors,
            self.exceptions + other.exceptions,
            self.buckets + other.buckets,
        )


def grown(before: VersionCounters | None, now: VersionCounters) -> Tally:
    """What came to the counters. Those of a version that the router forgot meanwhile began at 0 again."""
    new = _tally(now)
    if before is None or before.requests > now.requests:
        return new
    old = _tally(before)
    return Tally(
        max(0, new.requests - old.requests),
        max(0, new.errors - old.errors),
        max(0, new.exceptions - old.exceptions),
        new.buckets - old.buckets,
    )


class MinuteLog:
    """Fed every second or so. A minute that it did not see from its begin on is not told."""

    def __init__(self) -> None:
        self._began: int | None = None
        self._minutes: dict[int, dict[tuple[str, str], Tally]] = {}

    def note(self, at: int, grew: Iterable[tuple[str, str, Tally]]) -> None:
        """What came, by script and version; `at` in seconds since 1970. To be told also if nothing came."""
        minute = at - at % MINUTE
        if self._began is None:
            self._began = at
        if minute not in self._minutes:
            kept = {began: of for began, of in self._minutes.items() if abs(minute - began) <= KEPT_SECONDS}
            self._minutes = {**kept, minute: {}}
        versions = self._minutes[minute]
        for script, version_id, tally in grew:
            key = (script, version_id)
            versions[key] = versions.get(key, Tally()) + tally

    def told(self, script: str, now: int) -> list[tuple[int, Mapping[str, Tally]]]:
        """Full minutes of the last half hour, oldest first: when each began, and what its versions had."""
        current, began = now - now % MINUTE, self._began
        return [
            (minute, {version: tally for (of, version), tally in sorted(versions.items()) if of == script})
            for minute, versions in sorted(self._minutes.items())
            if began is not None and max(began, current - KEPT_SECONDS) <= minute < current
        ]


def _tally(counters: VersionCounters) -> Tally:
    counts = counters.latency.counts
    single = (count - below for count, below in zip(counts, (0, *counts), strict=False))
    return Tally(
        sum(counters.statuses.values()),
        sum(count for status, count in counters.statuses.items() if status >= 500),
        counters.exceptions,
        Counter({bucket: count for bucket, count in enumerate(single) if count}),
    )
