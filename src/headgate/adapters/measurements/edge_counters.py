"""The local edge's own counters: the port `MetricSource` on its `/metrics`."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from headgate.adapters.http_client.client import HttpClient, Request
from headgate.adapters.http_client.errors import HttpError
from headgate.adapters.measurements.counting import HISTORY_SECONDS, NotUnderstood, amount
from headgate.adapters.measurements.exposition import Sample, samples
from headgate.domain.errors import PlatformError, PlatformUnreachable
from headgate.domain.rollout.reading import HISTORY, Past, Reading
from headgate.domain.traffic import NOTHING_COUNTED, Counters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headgate.adapters.http_client.client import Answer
    from headgate.domain.rollout.reading import Mark
    from headgate.ports import Clock

_MS_IN_S = 1000.0
_MINUTE_SECONDS = 60.0
_MINUTES_MAX = 30


class EdgeCounters:
    """Reads the counters of a local edge. `url` is its `/metrics`."""

    def __init__(self, url: str, http: HttpClient, clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        """The last half hour by the minute.

        Of a version that has no full minute, all that the edge ever counted stands for the time before.
        """
        minutes = self._minutes(script, versions)
        counted = self._counted(script, versions)
        told = {version for minute in minutes for version in minute.counters}
        lump = {version: one for version, one in counted.items() if one.requests and version not in told}
        before = (Past(HISTORY_SECONDS, lump), *minutes) if lump else minutes
        return {
            "counters": {version: one.mark() for version, one in counted.items()},
            HISTORY: [past.as_json() for past in before],
        }

    def since(self, script: str, mark: Mark) -> Reading:
        """An edge that was started anew counts from zero: that is another epoch."""
        marks = {version: Counters.from_mark(counted) for version, counted in mark["counters"].items()}
        counted = self._counted(script, tuple(marks))
        as_of = self._clock.now()
        if any(counted[version].requests < marked.requests for version, marked in marks.items()):
            return Reading(as_of, counted, epoch="the edge was started anew")
        return Reading(as_of, {version: counted[version].since(marks[version]) for version in marks})

    def _counted(self, script: str, versions: Sequence[str]) -> dict[str, Counters]:
        """A version that has had no request yet is not among the edge's counters."""
        found = self._all(script)
        return {version: found.get(version, NOTHING_COUNTED) for version in versions}

    def _minutes(self, script: str, versions: Sequence[str]) -> tuple[Past, ...]:
        """Nothing where the edge does not tell it, as one of an earlier Headgate: that costs time only."""
        answer = self._ask(f"{self._url}/minutes?{urlencode({'script': script})}")
        if answer.status != 200:
            return ()
        try:
            return minutes_of(json.loads(answer.body), versions)
        except ValueError:
            return ()

    def _ask(self, url: str) -> Answer:
        try:
            return self._http.send(Request("GET", url, headers={}))
        except HttpError as error:
            raise PlatformUnreachable(
                f"The local edge's counters cannot be read: {error.what}.",
                where=self._url,
                remedy="See whether it runs with `headgate edge status`.",
            ) from error

    def _all(self, script: str) -> Mapping[str, Counters]:
        answer = self._ask(self._url)
        if answer.status != 200:
            raise PlatformError(f"The local edge answered HTTP {answer.status}.", where=self._url)
        try:
            return counters_of(samples(answer.body.decode()), script)
        except (ValueError, OverflowError) as error:
            raise PlatformError(
                f"The local edge's counters cannot be understood: {error}.",
                where=self._url,
                remedy="Start the edge anew with this Headgate: `headgate edge down`, `headgate edge up`.",
            ) from error


def minutes_of(told: Any, versions: Sequence[str]) -> tuple[Past, ...]:  # noqa: ANN401 - JSON from outside
    """The minutes in which one of these versions had requests, oldest first. Raises ValueError."""
    try:
        minutes = [
            Past(
                _MINUTE_SECONDS,
                {version: _minute(one) for version, one in minute["versions"].items() if version in versions},
            )
            for minute in told["minutes"][-_MINUTES_MAX:]
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise NotUnderstood("the minutes are not as they should be") from error
    return tuple(minute for minute in minutes if minute.counters)


def _minute(one: Mapping[str, Any]) -> Counters:
    requests, errors = int(amount(one["requests"], "requests")), int(amount(one["errors"], "errors"))
    if errors > requests:
        raise NotUnderstood(f"{errors} errors in {requests} requests")
    buckets = {float(edge): int(amount(count, edge)) for edge, count in one["buckets_ms"].items()}
    return Counters(requests, int(amount(one["exceptions"], "exceptions")), errors, buckets)


@dataclass(slots=True)
class _Sums:
    requests: float = 0
    failed: float = 0
    exceptions: float = 0
    buckets: dict[float, int] = field(default_factory=dict)


def counters_of(found: Iterable[Sample], script: str) -> dict[str, Counters]:
    """Sum up a script's samples by version. Raises ValueError where a sample lacks a label.

    A request that ends in an exception is counted by the edge as one with status 500, so the statuses alone
    are the errors.
    """
    versions: defaultdict[str, _Sums] = defaultdict(_Sums)
    for sample in found:
        if sample.labels.get("script") == script:
            _add(versions[_label(sample, "version")], sample)
    return {
        version: Counters(
            requests=int(sums.requests),
            exceptions=int(sums.exceptions),
            errors=int(sums.failed),
            buckets=sums.buckets,
        )
        for version, sums in versions.items()
    }


def _add(sums: _Sums, sample: Sample) -> None:
    if sample.name == "localedge_requests_total":
        sums.requests += sample.value
        if int(_label(sample, "status")) >= 500:
            sums.failed += sample.value
    elif sample.name == "localedge_exceptions_total":
        sums.exceptions += sample.value
    elif sample.name == "localedge_request_duration_seconds_bucket":
        edge_ms = round(float(_label(sample, "le")) * _MS_IN_S, 6)
        sums.buckets[edge_ms] = sums.buckets.get(edge_ms, 0) + int(sample.value)


def _label(sample: Sample, name: str) -> str:
    if name not in sample.labels:
        raise ValueError(f"{sample.name} has no label {name}")
    return sample.labels[name]
