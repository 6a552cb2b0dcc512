"""The last half hour of a Worker by the minute."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from localedge.analytics.minutes import KEPT_SECONDS, MinuteLog, Tally, grown
from localedge.runtime import LatencyHistogram, VersionCounters

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localedge.client import RunningEdge

NOON = 1_772_625_600
FAILER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/throw") throw new Error("as asked");
    return new Response("", { status: Number(path.slice(1)) });
  },
};
"""


def counters(statuses: dict[int, int], exceptions: int, counts: tuple[int, ...]) -> VersionCounters:
    requests = sum(statuses.values())
    latency = LatencyHistogram((5.0, 50.0), counts, 0.0)
    return VersionCounters("shop", "v1", requests, exceptions, 0, statuses, latency, 0)


def test_what_came_is_the_difference_and_each_error_counts_once() -> None:
    before = counters({200: 3, 500: 1}, 1, (1, 3, 4))
    now = counters({200: 5, 404: 1, 500: 2, 503: 1}, 2, (1, 6, 9))
    assert grown(before, now) == Tally(5, 2, 1, Counter({1: 3, 2: 2}))
    assert grown(None, before) == Tally(4, 1, 1, Counter({0: 1, 1: 2, 2: 1}))
    assert grown(now, before) == grown(None, before)


def test_only_full_minutes_of_the_last_half_hour_are_told() -> None:
    log = MinuteLog()
    assert log.told("shop", NOON) == []
    for second in range(30, 40 * 60):
        log.note(NOON + second, [("shop", "v1", Tally(2, 1)), ("cart", "v9", Tally(1))])
        if second == 90:
            assert log.told("shop", NOON + second) == []
    told = log.told("shop", NOON + 40 * 60)
    assert [at for at, _ in told] == list(range(NOON + 10 * 60, NOON + 40 * 60, 60))
    assert all(versions == {"v1": Tally(120, 60)} for _, versions in told)
    assert log.told("shop", NOON + 40 * 60 + KEPT_SECONDS) == []


def test_a_minute_without_requests_is_told_and_one_that_nobody_saw_is_not() -> None:
    log = MinuteLog()
    for at in (NOON, NOON + 60, NOON + 180):
        log.note(at, [])
    assert log.told("shop", NOON + 200) == [(NOON, {}), (NOON + 60, {})]


def test_a_clock_that_jumps_leaves_no_more_than_it_should() -> None:
    log = MinuteLog()
    for at in (NOON, NOON + 86_400, NOON, NOON + 60):
        log.note(at, [("shop", "v1", Tally(1))])
    assert [at for at, _ in log.told("shop", NOON + 120)] == [NOON, NOON + 60]


def test_the_worker_has_to_be_named(edge: RunningEdge) -> None:
    refused = edge.http.get(_url(edge))
    assert refused.status_code == 400
    assert "?script=NAME" in refused.text


def test_known_traffic_is_told_when_its_minute_is_over(edge: RunningEdge, script: str) -> None:
    version = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(FAILER)).result["version_id"]
    # The minute in which the edge started is not told.
    _told(edge, script, lambda told: bool(told["minutes"]))
    for path in ("/200", "/200", "/404", "/503", "/throw"):
        edge.visit(script, path)
    told = _told(edge, script, lambda told: _sum(_rows(told), "requests") == 5)
    found = _rows(told)
    assert told["script"] == script
    assert {name for minute in told["minutes"] for name in minute["versions"]} == {version}
    assert [_sum(found, name) for name in ("requests", "errors", "exceptions")] == [5, 2, 1]
    assert sum(one["buckets_ms"]["+Inf"] for one in found) == 5
    assert all(list(one["buckets_ms"].values()) == sorted(one["buckets_ms"].values()) for one in found)


def _url(edge: RunningEdge) -> str:
    return str(edge.told["api_url"]).replace("/client/v4", "/metrics/minutes")


def _told(edge: RunningEdge, script: str, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 150
    while True:
        told: dict[str, Any] = edge.http.get(_url(edge), params={"script": script}).json()
        if enough(told) or time.monotonic() > deadline:
            return told
        threading.Event().wait(1)


def _rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for minute in told["minutes"] for one in minute["versions"].values()]


def _sum(found: list[dict[str, Any]], name: str) -> int:
    return sum(one[name] for one in found)
