"""Asks for growth since a moment again and again, and for what is old enough only once.

What came late, within `LATE_SECONDS`, is counted when it is there, because the last part is always asked for
anew. A look costs no more after hours than after minutes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from headgate.adapters.measurements.series import Growth, joined

if TYPE_CHECKING:
    from datetime import datetime

    from headgate.adapters.measurements.series import Backend

LATE_SECONDS = 600
SETTLE_SECONDS = 1200
"""When so much is asked for anew each time, the older part of it is settled."""
CHUNK = timedelta(hours=1)
QUERIES_MAX = 200


class _Settled(NamedTuple):
    until: datetime
    growth: Growth


class Settling:
    """Growth of queries since the moment of a mark."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._settled: dict[tuple[str, datetime], _Settled] = {}

    def growth(self, query: str, since: datetime, until: datetime) -> Growth:
        """What was added from `since` up to `until`. Raises PlatformError."""
        key = (query, since)
        settled = self._settled.get(key, _Settled(since, {}))
        border = until - timedelta(seconds=LATE_SECONDS)
        while (until - settled.until).total_seconds() > SETTLE_SECONDS:
            end = min(border, settled.until + CHUNK)
            older = joined(settled.growth, self._backend.growth(query, settled.until, end))
            settled = _Settled(end, joined(older, {}))
            self._keep(key, settled)
        newest = self._backend.growth(query, settled.until, until)
        return joined(settled.growth, newest) if settled.growth else newest

    def _keep(self, key: tuple[str, datetime], settled: _Settled) -> None:
        if len(self._settled) >= QUERIES_MAX and key not in self._settled:
            del self._settled[next(iter(self._settled))]
        self._settled[key] = settled
