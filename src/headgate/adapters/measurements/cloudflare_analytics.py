"""Cloudflare's GraphQL analytics: the port `MetricSource`, minutes behind, without status and latency."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from headgate.adapters.measurements.counting import (
    HISTORY_SECONDS,
    NotUnderstood,
    floor_to,
    moment_of,
    refusal,
)
from headgate.adapters.measurements.invocations import (
    ROWS_MAX,
    Minutes,
    counters_of,
    minutes_of,
    query_of,
    rows_of,
)
from headgate.domain.errors import HeadgateError, PlatformError
from headgate.domain.rollout.reading import HISTORY, Past, Reading
from headgate.domain.rollout.sources import ANALYTICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.adapters.cloudflare.graphql import GraphQlClient
    from headgate.domain.rollout.reading import Mark
    from headgate.ports import Clock

DELAY_SECONDS = 180.0
LATE_SECONDS = 900
"""Rows of a minute may come so much later; minutes older than that are not asked for again."""
WINDOW = timedelta(hours=1)
SCRIPTS_MAX = 8
_NO_STATUS = (
    "Workers analytics counts exceptions only: an answer with status 500 that the Worker made itself is no "
    "error there, and there are no latencies to compare."
)


class CloudflareAnalytics:
    """Counts sampled invocations. `delay_seconds` is how old a minute must be to be complete."""

    def __init__(self, graphql: GraphQlClient, clock: Clock, *, delay_seconds: float = DELAY_SECONDS) -> None:
        self._graphql = graphql
        self._clock = clock
        self._delay = timedelta(seconds=delay_seconds)
        self._seen: dict[tuple[str, datetime], Minutes] = {}

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        # Times are known by the second: what was counted before, within this one, is left out.
        now = floor_to(self._clock.now(), 1) + timedelta(seconds=1)
        mark = {"source": ANALYTICS, "at": now.isoformat(), "versions": [v for v in versions if v]}
        try:
            return {**mark, HISTORY: self._history(script, now)}
        except HeadgateError:
            # Without its past the judge expects the worst of it, which costs time and nothing else.
            return mark

    def since(self, script: str, mark: Mark) -> Reading:
        began, as_of = moment_of(mark, ANALYTICS), self._complete_until()
        if as_of <= began:
            raise PlatformError(
                f"Workers analytics is {self._delay.total_seconds():.0f} s behind, and knows nothing yet of "
                "the time since the watch began.",
                where=script,
            )
        minutes = self._since(script, began, as_of)
        return Reading(as_of, counters_of(minutes, mark["versions"]), notes=(_NO_STATUS,))

    def check(self, script: str) -> str:
        """Ask for the last complete minutes; what came, in words. Raises PlatformError."""
        until = self._complete_until()
        minutes = self._read(script, until - timedelta(minutes=5), until)
        requests = sum(minute.requests for minute in minutes.values())
        return (
            f"Workers analytics answers: {requests} requests sampled in five minutes up to {until:%H:%M} UTC"
        )

    def _complete_until(self) -> datetime:
        """The last minute that is over and has had its delay is the last one that counts."""
        return floor_to(self._clock.now() - self._delay, 60)

    def _history(self, script: str, now: datetime) -> list[dict[str, object]]:
        until = self._complete_until()
        minutes = self._read(script, floor_to(now - timedelta(seconds=HISTORY_SECONDS), 60), until)
        times = sorted({at for at, _ in minutes})
        return [
            Past(
                60.0,
                counters_of(
                    {key: minute for key, minute in minutes.items() if key[0] == at},
                    {version for _, version in minutes},
                ),
            ).as_json()
            for at in times
        ]

    def _since(self, script: str, began: datetime, as_of: datetime) -> Minutes:
        """All minutes since; only the last quarter of an hour is asked for again, as rows may come late."""
        seen = self._memory(script, began)
        newest = max((at for at, _ in seen), default=began)
        begin = max(began, min(newest, as_of - timedelta(seconds=LATE_SECONDS)))
        for key, minute in self._read(script, begin, as_of).items():
            # An answer may be sampled more coarsely than the one before: the finer one stays.
            if key not in seen or minute.requests > seen[key].requests:
                seen[key] = minute
        return {key: minute for key, minute in seen.items() if key[0] < as_of}

    def _memory(self, script: str, began: datetime) -> Minutes:
        while len(self._seen) >= SCRIPTS_MAX and (script, began) not in self._seen:
            del self._seen[next(iter(self._seen))]
        return self._seen.setdefault((script, began), {})

    def _read(self, script: str, begin: datetime, end: datetime) -> Minutes:
        """Ask by the hour, and by less where an hour has more rows than fit into an answer."""
        found: Minutes = {}
        while begin < end:
            until = min(floor_to(begin + WINDOW, 60), end)
            found |= self._window(script, begin, until)
            begin = until
        return found

    def _window(self, script: str, begin: datetime, end: datetime) -> Minutes:
        data = self._graphql.ask(query_of(self._graphql.account_id, script, begin, end))
        try:
            rows = rows_of(data)
            if len(rows) < ROWS_MAX:
                return minutes_of(rows)
        except NotUnderstood as error:
            raise refusal(error, "Workers analytics", where=script) from error
        middle = floor_to(begin + (end - begin) / 2, 60)
        if not begin < middle < end:
            raise PlatformError(
                "A minute of Workers analytics has too many rows for one answer.", where=script
            )
        return self._window(script, begin, middle) | self._window(script, middle, end)
