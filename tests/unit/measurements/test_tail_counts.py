"""Events of a live tail, counted."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from headgate.adapters.measurements.tail_counts import VERSIONS_MAX, TailCounts

if TYPE_CHECKING:
    from headgate.domain.traffic import Counters


def event(
    outcome: str = "ok", status: int | None = 200, version: str = "v1", **more: object
) -> dict[str, Any]:
    happened: dict[str, Any] = {"request": {"url": "https://shop.example.com/"}}
    if status is not None:
        happened["response"] = {"status": status}
    return {"outcome": outcome, "scriptVersion": {"id": version}, "event": happened, **more}


def counted(*events: object) -> Counters:
    counts = TailCounts()
    for one in events:
        counts.take(one if isinstance(one, str) else json.dumps(one))
    return counts.counters(("v1",))["v1"]


def test_each_request_is_counted_once_however_it_failed() -> None:
    counters = counted(event(), event(status=503), event("exception", None), event("exceededCpu", 500))
    assert (counters.requests, counters.exceptions, counters.errors) == (4, 2, 3)


@pytest.mark.parametrize("outcome", ["canceled", "responseStreamDisconnected"])
def test_a_client_that_leaves_is_no_error(outcome: str) -> None:
    assert counted(event(outcome)).errors == 0


def test_latency_is_known_where_the_runtime_measures_it() -> None:
    assert counted(event(wallTime=0), event(wallTime=0)).buckets == {}
    buckets = counted(event(wallTime=0), event(wallTime=7), event(wallTime=0), event(wallTime=20_000)).buckets
    assert (buckets[5.0], buckets[8.0], buckets[10_000.0], buckets[math.inf]) == (1, 2, 2, 3)


@pytest.mark.parametrize("wall_ms", [-1, "7", None, True])
def test_a_time_that_is_none_is_left_out(wall_ms: object) -> None:
    counters = counted(event(wallTime=wall_ms))
    assert (counters.requests, counters.buckets) == (1, {})


def test_what_is_no_request_is_not_counted() -> None:
    alarm = {"outcome": "ok", "scriptVersion": {"id": "v1"}, "event": {"scheduledTime": "now"}}
    start = {"outcome": "ok", "scriptVersion": {"id": "v1"}, "event": None}
    assert counted(alarm, start).requests == 0


@pytest.mark.parametrize(
    "message", ["", "[]", "{}", "nonsense", '{"event": {"request": {}}}', '{"event": 1}']
)
def test_what_cannot_be_understood_is_told(message: str) -> None:
    counts = TailCounts()
    counts.take(message)
    assert counts.not_understood == 1


def test_it_is_known_when_the_platform_leaves_events_out() -> None:
    counts = TailCounts()
    counts.take(json.dumps({"outcome": "unknown", "event": {"type": "overload", "message": "too fast"}}))
    assert counts.is_sampled


def test_versions_are_bounded() -> None:
    counts = TailCounts()
    for number in range(VERSIONS_MAX + 5):
        counts.take(json.dumps(event(version=f"v{number}")))
    last = f"v{VERSIONS_MAX + 4}"
    assert counts.counters((last,))[last].requests == 0


def test_the_past_is_told_by_the_minute() -> None:
    counts = TailCounts()
    for second in range(200):
        counts.tick(1000.0 + second)
        counts.take(json.dumps(event(status=500 if second % 10 == 0 else 200, wallTime=5)))
    counts.tick(1200.0, at_least_seconds=10.0)

    told = [(one.seconds, one.counters["v1"].requests, one.counters["v1"].errors) for one in counts.stretches]

    assert told == [(60.0, 60, 6), (60.0, 60, 6), (60.0, 60, 6), (20.0, 20, 2)]
    assert counts.stretches[0].counters["v1"].buckets[5.0] == 60
