"""Rows of the dataset `workersInvocationsAdaptive`: how they are asked for, and what they say.

Its fields are described at
https://developers.cloudflare.com/analytics/graphql-api/tutorials/querying-workers-metrics/, sampling at
https://developers.cloudflare.com/analytics/graphql-api/sampling/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headgate.adapters.measurements.counting import NotUnderstood, amount
from headgate.domain.traffic import NOTHING_COUNTED, Counters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROWS_MAX = 10_000
"""The platform gives no more in one answer."""
_NO_FAILURE = frozenset({"success", "clientDisconnected", "responseStreamDisconnected", "canceled"})
"""Statuses that are not the Worker's fault. The list is open; an unknown one counts as a failure."""


@dataclass(slots=True)
class Minute:
    """Sampled invocations of one version in one minute, by status."""

    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """All of them."""
        return sum(self.statuses.values())

    @property
    def failures(self) -> int:
        """Those that ended badly. The dataset has no HTTP status, so an answer with 500 is not among them."""
        return sum(count for status, count in self.statuses.items() if status not in _NO_FAILURE)


Minutes = dict[tuple[datetime, str], Minute]
"""By minute and version."""


def query_of(account_id: str, script: str, since: datetime, until: datetime) -> str:
    """The query for a stretch of time; values stand in it as JSON strings, which are GraphQL strings too."""
    account, name, begin, end = (
        json.dumps(value) for value in (account_id, script, _stamp(since), _stamp(until))
    )
    return (
        f"{{ viewer {{ accounts(filter: {{accountTag: {account}}}) {{ workersInvocationsAdaptive("
        f"limit: {ROWS_MAX}, orderBy: [datetimeMinute_ASC], "
        f"filter: {{scriptName: {name}, datetime_geq: {begin}, datetime_lt: {end}}}) {{ "
        "sum { requests errors } avg { sampleInterval } "
        "dimensions { datetimeMinute scriptVersion status } } } } }"
    )


def rows_of(data: Any) -> Sequence[Any]:  # noqa: ANN401 - JSON can be anything
    """The rows of an answer. Raises NotUnderstood."""
    try:
        accounts = data["viewer"]["accounts"]
        if not accounts:
            raise NotUnderstood("it knows no such account, or the token may not read its analytics")
        rows = accounts[0]["workersInvocationsAdaptive"]
    except (KeyError, IndexError, TypeError) as error:
        raise NotUnderstood(f"it lacks {error}") from None
    if not isinstance(rows, list):
        raise NotUnderstood("its rows are no list")
    return rows


def minutes_of(rows: Iterable[Any]) -> Minutes:
    """Sampled events by minute and version. Raises NotUnderstood.

    Sums are scaled up by the sampling: they are divided by the mean interval, which gives back the number of
    events that were looked at. The same row twice counts once.
    """
    found: Minutes = {}
    for row in rows:
        minute, version, status, events = _row(row)
        statuses = found.setdefault((minute, version), Minute()).statuses
        if statuses.get(status, events) != events:
            raise NotUnderstood(f"status {status} of {minute:%H:%M} came twice, with different counts")
        statuses[status] = events
    return found


def counters_of(minutes: Minutes, versions: Iterable[str]) -> dict[str, Counters]:
    """The sum for each version. One that has no rows had no requests: the answer is complete."""
    sums = dict.fromkeys(versions, NOTHING_COUNTED)
    for (_, version), minute in minutes.items():
        if version in sums:
            before = sums[version]
            failures = before.errors + minute.failures
            sums[version] = Counters(before.requests + minute.requests, failures, failures, {})
    return sums


def _row(row: Mapping[str, Any]) -> tuple[datetime, str, str, int]:
    try:
        of = row["dimensions"]
        version, status = str(of["scriptVersion"]), str(of["status"])
        minute = datetime.fromisoformat(str(of["datetimeMinute"])).astimezone(UTC)
        requests = amount(row["sum"]["requests"], "a number of requests")
        interval = amount(row["avg"]["sampleInterval"], "a sampling interval")
    except (KeyError, TypeError) as error:
        raise NotUnderstood(f"a row lacks {error}") from None
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    if interval < 1:
        raise NotUnderstood(f"a sampling interval is {interval:g}, which is less than 1")
    return minute, version, status, round(requests / interval)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
