"""Rows of Workers analytics: sampling is undone, and what cannot be right is refused with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.adapters.measurements.counting import NotUnderstood
from headgate.adapters.measurements.invocations import counters_of, minutes_of, query_of, rows_of
from headgate.domain.traffic import NOTHING_COUNTED

AT = "2026-11-23T16:05:00Z"


def row(
    status: str = "success",
    requests: object = 10,
    interval: object = 1,
    version: str = "v1",
    at: str = AT,
) -> dict[str, Any]:
    return {
        "sum": {"requests": requests, "errors": 0},
        "avg": {"sampleInterval": interval},
        "dimensions": {"datetimeMinute": at, "scriptVersion": version, "status": status},
    }


def test_counts_are_those_of_the_events_that_were_looked_at() -> None:
    rows = [row(requests=1000, interval=10), row("scriptThrewException", requests=5, interval=5 / 3)]

    counters = counters_of(minutes_of(rows), ["v1"])["v1"]

    assert (counters.requests, counters.exceptions, counters.errors) == (103, 3, 3)
    assert counters.buckets == {}


@pytest.mark.parametrize(
    ("status", "is_error"),
    [
        ("success", False),
        ("clientDisconnected", False),
        ("scriptThrewException", True),
        ("exceededResources", True),
        ("internalError", True),
        ("a status of tomorrow", True),
    ],
)
def test_an_unknown_status_is_no_good_one(status: str, is_error: bool) -> None:
    assert counters_of(minutes_of([row(status, 4)]), ["v1"])["v1"].errors == (4 if is_error else 0)


def test_the_same_row_twice_counts_once_and_another_count_for_it_is_refused() -> None:
    assert counters_of(minutes_of([row(), row()]), ["v1"])["v1"].requests == 10
    with pytest.raises(NotUnderstood, match="came twice, with different counts"):
        minutes_of([row(), row(requests=11)])


def test_versions_that_nobody_asked_about_are_left_out() -> None:
    counted = counters_of(minutes_of([row(), row(version="v2", requests=3)]), ["v2", "v3"])

    assert counted["v2"].requests == 3
    assert counted["v3"] == NOTHING_COUNTED
    assert set(counted) == {"v2", "v3"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(requests=-1), "negative"),
        (row(requests=float("nan")), "nan"),
        (row(requests=None), "None"),
        (row(interval=0), "less than 1"),
        (row(interval=float("inf")), "inf"),
        (row(at="yesterday"), "yesterday"),
        ({"sum": {}}, "lacks 'dimensions'"),
        ("text", "lacks"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(wrong: Any, said: str) -> None:  # noqa: ANN401 - JSON
    with pytest.raises(NotUnderstood, match=said):
        minutes_of([wrong])


def test_an_account_that_may_not_be_read_is_no_account_without_traffic() -> None:
    with pytest.raises(NotUnderstood, match="no such account"):
        rows_of({"viewer": {"accounts": []}})
    with pytest.raises(NotUnderstood, match="lacks"):
        rows_of({"viewer": None})


def test_names_stand_in_the_query_as_texts() -> None:
    at = datetime(2026, 11, 23, 16, tzinfo=UTC)

    query = query_of('a"b', "shop", at, at)

    assert 'accountTag: "a\\"b"' in query
    assert 'datetime_geq: "2026-11-23T16:00:00Z"' in query
