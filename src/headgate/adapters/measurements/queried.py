"""A monitoring system that is asked by query templates: the port `MetricSource` on a `Backend`."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from headgate.adapters.measurements.counting import (
    HISTORY_SECONDS,
    NotUnderstood,
    floor_to,
    moment_of,
    refusal,
)
from headgate.adapters.measurements.series import buckets, by_minute, failed, filled, total
from headgate.adapters.measurements.settling import Settling
from headgate.domain.errors import HeadgateError, PlatformError
from headgate.domain.rollout.reading import HISTORY, Past, Reading
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headgate.adapters.measurements.series import Backend, Growth
    from headgate.domain.rollout.reading import Mark
    from headgate.domain.rollout.sources import Queries
    from headgate.ports import Clock

Ask: TypeAlias = "Callable[[str, str, str], Growth]"
"""Template, script and version -> growth. Raises PlatformError."""
UNIT_MS = {"seconds": 1000.0, "milliseconds": 1.0}
_REMEDY = "Try the query in the system itself, with the names of the Worker and of a version filled in."
_NO_LATENCY = "No query for the latency is set, so it is not compared."


class QueriedSource:
    """`name` is the source's in headgate.toml; moments lie on a grid of `step_seconds`."""

    def __init__(
        self,
        name: str,
        backend: Backend,
        queries: Queries,
        clock: Clock,
        *,
        step_seconds: int,
        delay_seconds: float,
    ) -> None:
        self._name = name
        self._backend = backend
        self._queries = queries
        self._clock = clock
        self._step_seconds = step_seconds
        self._delay = timedelta(seconds=delay_seconds)
        self._settling = Settling(backend)

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        mark = self.mark(versions)
        try:
            return {**mark, HISTORY: self._history(script, mark["versions"])}
        except HeadgateError:
            # Without its past the judge expects the worst of it, which costs time and nothing else.
            return mark

    def since(self, script: str, mark: Mark) -> Reading:
        began, as_of = self.span(mark)
        ask = self._asker(lambda query: self._settling.growth(query, began, as_of))
        counters = self._counters(script, mark["versions"], ask)
        return Reading(as_of, counters, notes=() if self._queries.latency else (_NO_LATENCY,))

    def mark(self, versions: Sequence[str]) -> Mark:
        """A mark without history.

        The interval that is under way holds requests from before: the first that counts is the next one.
        """
        stamp = math.ceil(self._clock.now().timestamp() / self._step_seconds) * self._step_seconds
        at = datetime.fromtimestamp(stamp, UTC)
        wanted = [version for version in versions if version]
        return {"source": self._name, "at": at.isoformat(), "versions": wanted}

    def span(self, mark: Mark) -> tuple[datetime, datetime]:
        """From when to when counts since a mark are complete. Raises PlatformError if that is no time."""
        began, as_of = moment_of(mark, self._name), self._complete_until()
        if as_of <= began:
            raise PlatformError(
                f"{self._backend.name} is taken to be {self._delay.total_seconds():.0f} s behind, and knows "
                "nothing yet of the time since the watch began.",
                where="[metrics]",
            )
        return began, as_of

    def check(self, script: str) -> str:
        """Ask all queries once, about any version; what came, in words. Raises PlatformError."""
        until = self._complete_until()
        ask = self._asker(lambda query: self._backend.growth(query, until - timedelta(minutes=5), until))
        queries = self._queries
        series = [len(ask(query, script, "none")) for query in (queries.requests, queries.errors) if query]
        return f"{self._backend.name} answers ({sum(series)} series about a version that is not there)"

    def growth(self, template: str, script: str, version: str, *, since: datetime, until: datetime) -> Growth:
        """What one query says of one version. Raises PlatformError."""
        ask = self._asker(lambda query: self._settling.growth(query, since, until))
        return ask(template, script, version)

    def _complete_until(self) -> datetime:
        """The last moment on the grid up to which the counts are complete."""
        return floor_to(self._clock.now() - self._delay, self._step_seconds)

    def _asker(self, growth: Callable[[str], Growth]) -> Ask:
        """Asks a template about a script and a version, and explains what cannot be used."""

        def ask(template: str, script: str, version: str) -> Growth:
            try:
                return growth(filled(template, script, version))
            except NotUnderstood as error:
                raise refusal(error, self._backend.name, where=template, remedy=_REMEDY) from error

        return ask

    def _counters(self, script: str, versions: Sequence[str], ask: Ask) -> dict[str, Counters]:
        """Counters of all versions. One that nothing is said of had no requests, unless that is so of all."""
        requests = {version: ask(self._queries.requests, script, version) for version in versions}
        if not any(requests.values()):
            raise PlatformError(
                f"{self._backend.name} returned nothing for the requests of any version of {script}.",
                where=self._queries.requests,
                remedy=_REMEDY,
            )
        errors = self._errors(script, requests, ask)
        latency = self._queries.latency
        return {
            version: self._counted(counted, errors[version], ask(latency, script, version) if latency else {})
            for version, counted in requests.items()
        }

    def _errors(self, script: str, requests: Mapping[str, Growth], ask: Ask) -> Mapping[str, Growth]:
        """The errors of each version.

        Nothing is not zero, for a query with a mistake in it returns nothing too; unless the query is seen to
        work on another version.
        """
        queries = self._queries
        if not queries.errors:
            try:
                return {version: failed(grown, queries.status_label) for version, grown in requests.items()}
            except NotUnderstood as error:
                raise refusal(error, self._backend.name, where=queries.requests) from error
        errors = {version: ask(queries.errors, script, version) for version in requests}
        if any(errors.values()) or not any(total(grown) for grown in requests.values()):
            return errors
        raise PlatformError(
            f"{self._backend.name} returned nothing for the errors of any version of {script}.",
            where=queries.errors,
            remedy="Let the query answer 0 where there are none, or group the requests by status instead.",
        )

    def _counted(self, requests: Growth, errors: Growth, latency: Growth) -> Counters:
        count, wrong = total(requests), total(errors)
        # The queries are asked one after the other: the second may know of a request more.
        if wrong > count * 1.05 + 3:
            raise PlatformError(
                f"{self._backend.name} tells of {wrong} errors in {count} requests.",
                where=self._queries.errors,
                remedy=_REMEDY,
            )
        try:
            slow = buckets(latency, UNIT_MS[self._queries.latency_unit])
        except NotUnderstood as error:
            raise refusal(error, self._backend.name, where=self._queries.latency) from error
        return Counters(count, 0, min(wrong, count), slow)

    def _history(self, script: str, versions: Sequence[str]) -> list[dict[str, object]]:
        """Each minute of the half hour before, for versions that had requests in it."""
        until = self._complete_until()
        since = floor_to(until - timedelta(seconds=HISTORY_SECONDS), 60)
        minutes: dict[int, dict[str, Counters]] = {}
        for version in versions:
            for minute, counters in self._minutes(script, version, since, until).items():
                minutes.setdefault(minute, {})[version] = counters
        return [Past(60.0, minutes[minute]).as_json() for minute in sorted(minutes)]

    def _minutes(self, script: str, version: str, since: datetime, until: datetime) -> Mapping[int, Counters]:
        # Not through what settles: that keeps sums, and the minutes are wanted.
        ask = self._asker(lambda query: self._backend.growth(query, since, until))
        requests = ask(self._queries.requests, script, version)
        errors = by_minute(self._errors(script, {version: requests}, ask)[version])
        latency = self._queries.latency
        slow = by_minute(ask(latency, script, version)) if latency else {}
        return {
            minute: self._counted(growth, errors.get(minute, {}), slow.get(minute, {}))
            for minute, growth in by_minute(requests).items()
        }
