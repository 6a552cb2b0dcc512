from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.edge_counters import EdgeCounters, counters_of
from headgate.adapters.measurements.exposition import Sample, samples
from headgate.domain.errors import PlatformError, PlatformUnreachable
from headgate.domain.rollout.reading import Past, history_of
from headgate.domain.traffic import Counters
from tests.fakes.fixed_clock import START, FixedClock
from tests.fakes.raw_server import Visitor, answer, raw_server

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = """\
# HELP localedge_requests_total Requests.
# TYPE localedge_requests_total counter
localedge_requests_total{script="shop",version="v1",status="200"} 90
localedge_requests_total{script="shop",version="v1",status="404"} 5
localedge_requests_total{script="shop",version="v1",status="500"} 3
localedge_requests_total{script="shop",version="v1",status="503"} 2
localedge_requests_total{script="shop",version="v2",status="200"} 1e3
localedge_requests_total{script="cart",version="v9",status="500"} 7
localedge_exceptions_total{script="shop",version="v1"} 3
localedge_request_duration_seconds_bucket{script="shop",version="v1",le="0.001"} 40
localedge_request_duration_seconds_bucket{script="shop",version="v1",le="0.3"} 99
localedge_request_duration_seconds_bucket{script="shop",version="v1",le="+Inf"} 100
localedge_request_duration_seconds_sum{script="shop",version="v1"} 1.25
localedge_request_duration_seconds_count{script="shop",version="v1"} 100
localedge_up 1
"""


def test_counters_are_summed_up_by_version() -> None:
    found = counters_of(samples(METRICS), "shop")
    assert found["v1"] == Counters(
        requests=100, exceptions=3, errors=5, buckets={1.0: 40, 300.0: 99, float("inf"): 100}
    )
    assert found["v2"] == Counters(requests=1000, exceptions=0, errors=0, buckets={})
    assert set(found) == {"v1", "v2"}
    assert counters_of(samples(METRICS), "nobody") == {}


def test_labels_are_read_as_they_were_meant() -> None:
    (sample,) = samples(r'a:b_1{x="q\"u\\o\nte, }",y="",} -Inf' + "\n\n")
    assert sample == Sample("a:b_1", {"x": 'q"u\\o\nte, }', "y": ""}, float("-inf"))
    assert list(samples("# only a comment\n")) == []


@pytest.mark.parametrize(
    "line",
    [
        "<html>",
        "name",
        "name{} one",
        'name{a="1" 3',
        "name{a=1} 3",
        'name{a="1"b="2"} 3',
        r'name{a="\q"} 3',
        "name 1 2 3",
        '1name{a="1"} 3',
    ],
)
def test_what_is_not_in_the_format_is_an_error_with_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2|one"):
        list(samples(f"good 1\n{line}\n"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (METRICS.encode()[:310], 200),
        (b"\xff\xfe", 200),
        (b'localedge_requests_total{script="shop",status="200"} 1', 200),
        (b'localedge_requests_total{script="shop",version="v1",status="ok"} 1', 200),
        (b'localedge_requests_total{script="shop",version="v1",status="200"} NaN', 200),
        (b'localedge_requests_total{script="shop",version="v1",status="200"} +Inf', 200),
        (METRICS.encode(), 503),
    ],
)
def test_counters_that_cannot_be_trusted_are_an_error(body: bytes, status: int) -> None:
    def edge(visitor: Visitor) -> None:
        visitor.request()
        visitor.send(answer(status, body))

    with (
        raw_server(edge) as server,
        HttpClient(user_agent="headgate/test") as http,
        pytest.raises(PlatformError) as caught,
    ):
        EdgeCounters(f"{server.url}/metrics", http, FixedClock()).begin("shop", ["v1"])
    assert caught.value.where == f"{server.url}/metrics"


def test_an_edge_that_is_down_is_unreachable() -> None:
    with raw_server(Visitor.hang) as server:
        pass
    with HttpClient(user_agent="headgate/test") as http, pytest.raises(PlatformUnreachable, match="counters"):
        EdgeCounters(f"{server.url}/metrics", http, FixedClock()).begin("shop", ["v1"])


def _edge(*texts: str, minutes: str | None = None) -> Callable[[Visitor], None]:
    """An edge that tells each of these in turn; None: it is an older one, which tells no minutes."""
    left = list(texts)

    def edge(visitor: Visitor) -> None:
        while request := visitor.request():
            if request.startswith(b"GET /metrics/minutes?script=shop "):
                visitor.send(answer(404 if minutes is None else 200, (minutes or "{}").encode()))
            else:
                visitor.send(answer(200, left.pop(0).encode()))

    return edge


def _minutes(*each: dict[str, tuple[int, int]]) -> str:
    """As the edge tells them: version -> requests and errors."""
    return json.dumps(
        {
            "script": "shop",
            "minutes": [
                {
                    "at": f"2026-03-14T08:{number:02}:00Z",
                    "versions": {
                        version: {
                            "requests": requests,
                            "errors": errors,
                            "exceptions": 0,
                            "buckets_ms": {"5": requests - 1, "+Inf": requests},
                        }
                        for version, (requests, errors) in versions.items()
                    },
                }
                for number, versions in enumerate(each)
            ],
        }
    )


def _requests(**versions: int) -> str:
    return "".join(
        f'localedge_requests_total{{script="shop",version="{version}",status="200"}} {count}\n'
        for version, count in versions.items()
    )


def test_it_counts_from_the_mark_and_a_version_without_requests_has_none() -> None:
    clock = FixedClock()
    with (
        raw_server(_edge(_requests(v1=100), _requests(v1=130, v2=7, v3=5))) as server,
        HttpClient(user_agent="headgate/test") as http,
    ):
        source = EdgeCounters(f"{server.url}/metrics", http, clock)
        mark = source.begin("shop", ["v1", "v2"])
        clock.advance(10)
        reading = source.since("shop", mark)
    assert {version: one.requests for version, one in reading.counters.items()} == {"v1": 30, "v2": 7}
    assert (reading.as_of - START).total_seconds() == 10
    (past,) = history_of(mark)
    assert {version: one.requests for version, one in past.counters.items()} == {"v1": 100}


def test_an_edge_that_was_started_anew_counts_in_another_epoch() -> None:
    with (
        raw_server(_edge(_requests(v1=100), _requests(v1=30))) as server,
        HttpClient(user_agent="headgate/test") as http,
    ):
        source = EdgeCounters(f"{server.url}/metrics", http, FixedClock())
        reading = source.since("shop", source.begin("shop", ["v1"]))
    assert reading.counters["v1"].requests == 30
    assert reading.epoch


def _history(counters: str, minutes: str | None) -> tuple[Past, ...]:
    with (
        raw_server(_edge(counters, minutes=minutes)) as server,
        HttpClient(user_agent="headgate/test") as http,
    ):
        return history_of(
            EdgeCounters(f"{server.url}/metrics", http, FixedClock()).begin("shop", ["v1", "v2"])
        )


def test_the_time_before_is_told_by_the_minute() -> None:
    minutes = _minutes({"v1": (60, 1)}, {}, {"v0": (9, 9)}, {"v1": (50, 0), "v0": (9, 9)})
    assert _history(_requests(v1=500), minutes) == (
        Past(60, {"v1": Counters(60, 0, 1, {5.0: 59, float("inf"): 60})}),
        Past(60, {"v1": Counters(50, 0, 0, {5.0: 49, float("inf"): 50})}),
    )


def test_a_version_without_a_full_minute_has_all_that_was_counted() -> None:
    lump, minute = _history(_requests(v1=500, v2=7), _minutes({"v2": (7, 0)}))
    assert (lump.seconds, {version: one.requests for version, one in lump.counters.items()}) == (
        1800,
        {"v1": 500},
    )
    assert (minute.seconds, set(minute.counters)) == (60, {"v2"})


@pytest.mark.parametrize(
    "minutes",
    [
        None,
        "<html>",
        "[]",
        '{"minutes": [1]}',
        '{"minutes": [{"versions": {"v1": {}}}]}',
        '{"minutes": [{"versions": {"v1": {"requests": -1}}}]}',
        _minutes({"v1": (3, 4)}),
    ],
)
def test_minutes_that_are_not_told_or_not_understood_leave_the_sum(minutes: str | None) -> None:
    (past,) = _history(_requests(v1=500), minutes)
    assert {version: one.requests for version, one in past.counters.items()} == {"v1": 500}
