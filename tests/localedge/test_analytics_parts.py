"""The parts of analytics by themselves: rows, quantiles, filters, what is kept, what is drawn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localedge.analytics import table as invocation_table
from localedge.analytics.collector import added
from localedge.analytics.dimensions import seconds, split
from localedge.analytics.filters import BadFilter, earliest, passes
from localedge.analytics.groups import Question, answer
from localedge.analytics.parts import _open
from localedge.analytics.quantiles import of_histogram, weighted
from localedge.analytics.rows import Row
from localedge.analytics.sampling import thinned
from localedge.analytics.table import FINE_SECONDS, KEPT_SECONDS, InvocationTable
from localedge.analytics.telemetry import table as telemetry_table
from localedge.analytics.telemetry.events import telemetry
from localedge.analytics.telemetry.settings import Observability, read_observability
from localedge.analytics.telemetry.table import KEPT_MS, TelemetryTable
from localedge.runtime import LatencyHistogram, VersionCounters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

NOW = int(seconds("2026-03-04T12:00:30Z"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = _open(tmp_path / "measurements.sqlite")
    yield connection
    connection.close()


def row(at: int, success: int = 1, **more: Any) -> Row:  # noqa: ANN401 - what a row has
    outcomes = Counter({"success": success, **more.pop("outcomes", {})})
    return Row(at, "shop", more.pop("version", "v1"), outcomes, **more)


def test_seconds_become_minutes_and_minutes_end(database: sqlite3.Connection) -> None:
    table = InvocationTable(database)
    old = NOW - FINE_SECONDS - 120
    table.add([row(old - old % 60 + place, 2, sum_ms=1.5, buckets=Counter({3: 2})) for place in range(60)])
    table.add([row(NOW, 5), row(NOW - KEPT_SECONDS - 100)])
    table.tidy(NOW)
    minute, now = table.between(0, NOW + 1)
    assert minute == row(old - old % 60, 120, sum_ms=90.0, buckets=Counter({3: 120}))
    assert now == row(NOW, 5)
    table.tidy(NOW + KEPT_SECONDS + 1)
    assert table.between(0, NOW + 1) == []


def test_there_is_a_bound_to_the_rows(database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invocation_table, "ROWS_MAX", 10)
    table = InvocationTable(database)
    table.add([row(NOW - place) for place in range(25)])
    table.tidy(NOW)
    assert [found.at for found in table.between(0, NOW + 1)] == list(range(NOW - 9, NOW + 1))


def test_there_is_a_bound_to_the_events(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_table, "EVENTS_MAX", 3)
    table, now_ms = TelemetryTable(database), NOW * 1000
    for place in range(6):
        table.add(telemetry(trace(now_ms - place), f"{place}" * 32, invocation=True), 1)
    table.add(telemetry(trace(now_ms - KEPT_MS - 1), "f" * 32, invocation=True), 1)
    table.tidy(now_ms)
    assert [kept.event["timestamp"] for kept in table.between(0, now_ms)] == [now_ms, now_ms - 1, now_ms - 2]


def test_the_bound_is_kept_while_events_come(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_table, "EVENTS_MAX", 3)
    monkeypatch.setattr(telemetry_table, "TIDY_AFTER", 2)
    table = TelemetryTable(database)
    for place in range(20):
        table.add(telemetry(trace(place), f"{place:032}", invocation=True), 1)
    assert [kept.event["timestamp"] for kept in table.between(0, 100)] == [19, 18, 17]


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "measurements.sqlite"
    file.write_bytes(b"this is no database, and never was one" * 100)
    database = _open(file)
    InvocationTable(database).add([row(NOW)])
    database.close()


def test_what_came_to_the_counters() -> None:
    one = counters(10, 1, 0, (4, 10, 10), 50.0)
    other = counters(25, 3, 2, (10, 20, 25), 90.0)
    found = added(NOW, one, other, cpu_us=7)
    assert found.outcomes == {"success": 13, "scriptThrewException": 2, "internalError": 2}
    assert (found.buckets, found.sum_ms, found.cpu_us) == (Counter({0: 6, 1: 4, 2: 5}), 40.0, 7)
    assert (found.requests, found.errors) == (17, 4)


def test_counters_that_the_router_forgot_begin_anew() -> None:
    found = added(NOW, counters(10, 0, 0, (10, 10, 10), 5.0), counters(3, 0, 0, (3, 3, 3), 1.0), cpu_us=0)
    assert found.outcomes == {"success": 3}


def counters(
    requests: int, exceptions: int, unanswered: int, counts: tuple[int, ...], sum_ms: float
) -> VersionCounters:
    latency = LatencyHistogram((1.0, 2.0), counts, sum_ms)
    return VersionCounters(
        script="shop",
        version_id="v1",
        requests=requests,
        exceptions=exceptions,
        unanswered=unanswered,
        statuses={},
        latency=latency,
        inflight=0,
    )


def test_quantiles_are_interpolated() -> None:
    edges = (10.0, 20.0, 40.0)
    assert of_histogram({0: 50, 1: 50}, edges, 0.5) == 10.0
    assert of_histogram({0: 50, 1: 50}, edges, 0.75) == 15.0
    assert of_histogram({2: 1}, edges, 0.25) == 25.0
    assert of_histogram({3: 1}, edges, 0.5) == 40.0  # beyond the last edge
    assert of_histogram({}, edges, 0.5) == 0.0
    assert weighted([(5.0, 1), (1.0, 8), (9.0, 1)], 0.5) == 1.0
    assert weighted([(5.0, 1), (1.0, 8), (9.0, 1)], 0.99) == 9.0


@given(st.dictionaries(st.integers(0, 3), st.integers(1, 1000), min_size=1))
def test_quantiles_grow(buckets: dict[int, int]) -> None:
    shares = (0.25, 0.5, 0.9, 0.99)
    found = [of_histogram(buckets, (1.0, 5.0, 25.0), share) for share in shares]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("wanted", "agrees"),
    [
        ({}, True),
        ({"scriptName": "shop"}, True),
        ({"scriptName_neq": "shop"}, False),
        ({"scriptName_in": ["a", "shop"]}, True),
        ({"scriptName_notin": ["a", "shop"]}, False),
        ({"scriptName_like": "sh%"}, True),
        ({"scriptName_notlike": "s_op"}, False),
        ({"datetime_geq": "2026-03-04T12:00:30Z"}, True),
        ({"datetime_gt": "2026-03-04T12:00:30.000Z"}, False),
        ({"datetime_leq": "2026-03-04T13:00:30+01:00"}, True),
        ({"datetimeMinute": "2026-03-04T12:00:00Z"}, True),
        ({"date": "2026-03-04"}, True),
        ({"date_lt": "2026-03-04T10:00:00Z"}, False),
        ({"scriptName": None}, True),
        ({"OR": [{"scriptName": "a"}, {"status": "success"}]}, True),
        ({"AND": [{"scriptName": "shop"}, {"status": "internalError"}]}, False),
        ({"isDispatcher": 0, "usageModel": "standard"}, True),
    ],
)
def test_filters(wanted: dict[str, Any], agrees: bool) -> None:
    (one,) = split([row(NOW)])
    assert passes(wanted, lambda name: one.value(name, lambda _: "tag")) is agrees


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(BadFilter, match="is not a time"):
        passes({"datetime_gt": "noon"}, lambda _: 1)
    assert earliest({"datetime_geq": "2026-03-04T12:00:30Z", "scriptName": "shop"}) == NOW - 1


def test_groups_have_the_sums_of_their_rows_in_the_order_asked_for() -> None:
    rows = [
        row(NOW, 3, outcomes={"scriptThrewException": 1}, sum_ms=8.0, buckets=Counter({0: 4}), cpu_us=400),
        row(NOW + 60, 2, sum_ms=2.0, buckets=Counter({1: 2}), cpu_us=100),
        row(NOW, 9, version="v2"),
    ]
    question = Question({"scriptVersion": "v1"}, ("datetimeMinute",), ("datetimeMinute_DESC",), 10)
    late, early = answer(split(rows), question, edges_ms=(1.0, 2.0), tag_of=str)
    assert late["dimensions"] == {"datetimeMinute": "2026-03-04T12:01:00Z"}
    assert early["sum"]["requests"] == early["count"] == 4
    assert early["sum"]["errors"] == 1
    assert early["sum"]["wallTime"] == 8000
    assert early["sum"]["cpuTimeUs"] == 400
    assert early["quantiles"]["cpuTimeP50"]() == 100
    assert early["quantiles"]["wallTimeP50"]() == 500
    most = Question({}, ("scriptVersion",), ("sum_requests_DESC",), 1)
    assert [found["dimensions"] for found in answer(split(rows), most, edges_ms=(1.0,), tag_of=str)] == [
        {"scriptVersion": "v2"}
    ]


def test_a_sample_is_right_on_average_and_always_the_same() -> None:
    rows = [row(NOW + place, 50, outcomes={"scriptThrewException": 50}) for place in range(200)]
    thin = thinned(rows, 10)
    total = sum((one.outcomes for one in thin), Counter[str]())
    assert total == sum((one.outcomes for one in thinned(rows, 10)), Counter[str]())
    for count in total.values():
        assert abs(count - 10_000) < 5 * (10_000 * 9) ** 0.5
    assert thinned(rows, 1) == rows


def test_a_second_without_requests_is_in_no_sample() -> None:
    assert thinned([row(NOW, 0)], 10) == []


@pytest.mark.parametrize(
    ("observability", "read"),
    [
        (None, None),
        ({"enabled": False}, None),
        ({"enabled": True}, Observability()),
        ({"enabled": True, "head_sampling_rate": 0.25}, Observability(rate=0.25)),
        ({"enabled": True, "head_sampling_rate": 0}, None),
        (
            {"enabled": True, "logs": {"enabled": True, "invocation_logs": False}},
            Observability(invocations=False),
        ),
        ({"enabled": False, "logs": {"enabled": True, "head_sampling_rate": 0.5}}, Observability(rate=0.5)),
    ],
)
def test_settings(observability: object, read: Observability | None) -> None:
    assert read_observability({"observability": observability}) == read


def trace(at_ms: int, event: object = None, **more: object) -> dict[str, Any]:
    whole = {
        "scriptName": "shop",
        "scriptVersion": {"id": "v1"},
        "outcome": "ok",
        "eventTimestamp": at_ms,
        "event": event,
    }
    return whole | more


@pytest.mark.parametrize(
    ("event", "kind", "trigger"),
    [
        ({"request": {"method": "PUT", "url": "http://shop.localhost/a?b=c"}}, "fetch", "PUT /a"),
        ({"cron": "* * * * *", "scheduledTime": 1}, "scheduled", "* * * * *"),
        ({"queue": "orders", "batchSize": 2}, "queue", "orders"),
        ({"scheduledTime": 1}, "alarm", "alarm"),
        ({"rpcMethod": "add"}, "rpc", "add"),
        (None, "unknown", "unknown"),
    ],
)
def test_each_kind_of_invocation_becomes_an_event(event: object, kind: str, trigger: str) -> None:
    (made,) = telemetry(trace(5, event, wallTime=7), "a" * 32, invocation=True)
    assert made["$workers"]["eventType"] == kind
    assert made["$workers"]["wallTimeMs"] == 7
    assert (made["$metadata"]["trigger"], made["$metadata"]["duration"]) == (trigger, 7)
    assert telemetry(trace(5, event), "a" * 32, invocation=False) == []
