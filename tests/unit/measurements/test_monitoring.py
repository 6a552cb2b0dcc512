"""Prometheus and Datadog as sources, against small servers that answer as they do: what goes wrong there."""

from __future__ import annotations

import base64
import math
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.datadog import Datadog, rolled_up
from headgate.adapters.measurements.prometheus import Prometheus
from headgate.adapters.measurements.queried import QueriedSource
from headgate.domain.errors import ConfigError, HeadgateError, PlatformRefused
from headgate.domain.rollout.reading import history_of
from headgate.domain.rollout.sources import DatadogSettings, PrometheusSettings, Queries
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.monitoring import Monitored, monitoring_server

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "hidden-4711"
BY_STATUS = Queries(
    requests='requests{script="{script}",version="{version}"}', latency='latency{version="{version}"}'
)
WITH_ERRORS = Queries(requests='requests{version="{version}"}', errors='errors{version="{version}"}')
COUNTS = Queries(requests="sum:requests{version:{version}} by {status}.as_count()")


class World:
    """A monitoring system and the clock that it shares with the sources."""

    def __init__(self, closing: ExitStack) -> None:
        self.clock = FixedClock()
        self.monitored = Monitored(self.clock)
        self.url = closing.enter_context(monitoring_server(self.monitored))
        self.http = closing.enter_context(HttpClient(user_agent="headgate/test", timeout_seconds=5))

    def prometheus(self, queries: Queries = BY_STATUS, **more: Any) -> QueriedSource:  # noqa: ANN401
        settings = PrometheusSettings(self.url, queries, **more)
        backend = Prometheus(settings, self.http, {"TOKEN": SECRET})
        return QueriedSource("prometheus", backend, queries, self.clock, step_seconds=10, delay_seconds=30)

    def datadog(self) -> QueriedSource:
        keys = {"DD_API_KEY": SECRET, "DD_APP_KEY": f"app-{SECRET}"}
        backend = Datadog(DatadogSettings(queries=COUNTS), self.http, keys, url=self.url)
        return QueriedSource("datadog", backend, COUNTS, self.clock, step_seconds=20, delay_seconds=120)

    def begun(self, source: QueriedSource) -> dict[str, Any]:
        mark = dict(source.begin("shop", ("v1", "v2")))
        self.clock.advance(20)
        return mark


@pytest.fixture(name="world")
def a_world() -> Iterator[World]:
    with ExitStack() as closing:
        yield World(closing)


def test_instances_that_begin_anew_lose_nothing(world: World) -> None:
    source = world.prometheus()
    world.monitored.serve("v1", *[200] * 50, instance="a")
    mark = world.begun(source)
    world.monitored.serve("v1", *[200] * 4, instance="a")
    world.monitored.serve("v1", 500, 200, instance="b")
    world.clock.advance(30)
    world.monitored.restart("a")
    world.monitored.serve("v1", 200, 503, instance="a")
    world.clock.advance(60)

    counters = source.since("shop", mark).counters["v1"]

    assert (counters.requests, counters.errors) == (8, 2)


def test_latency_comes_in_milliseconds(world: World) -> None:
    source = world.prometheus()
    mark = world.begun(source)
    world.monitored.serve("v1", 200, 200, seconds=0.07)
    world.monitored.serve("v1", 200, seconds=2.0)
    world.clock.advance(60)

    buckets = source.since("shop", mark).counters["v1"].buckets

    assert buckets == {50.0: 0, 100.0: 2, 1000.0: 2, math.inf: 3}


def test_hours_later_a_look_asks_for_no_more_than_minutes(world: World) -> None:
    source = world.prometheus()
    mark = world.begun(source)
    for _ in range(12):
        world.monitored.serve("v1", 200, 500)
        world.clock.advance(900)
        source.since("shop", mark)
    world.monitored.asked.clear()

    counters = source.since("shop", mark).counters["v1"]

    assert (counters.requests, counters.errors) == (24, 12)
    longest = max(float(asked["end"]) - float(asked["start"]) for asked in world.monitored.asked)
    assert longest <= 1200 + 600
    assert source.since("shop", mark).counters == world.prometheus().since("shop", mark).counters


def test_the_half_hour_before_is_told_by_the_minute_with_its_latency(world: World) -> None:
    for _ in range(5):
        world.monitored.serve("v1", 200, 200, 500)
        world.clock.advance(60)
    world.clock.advance(40)

    history = history_of(world.prometheus().begin("shop", ("v2", "v1")))

    counted = [past.counters["v1"] for past in history if past.counters["v1"].requests]
    assert [(one.requests, one.errors) for one in counted] == [(3, 1)] * 5
    assert all(one.buckets[math.inf] == 3 for one in counted)


def test_a_query_that_returns_nothing_is_not_taken_for_no_requests(world: World) -> None:
    source = world.prometheus()
    mark = world.begun(source)
    world.clock.advance(60)
    with pytest.raises(HeadgateError, match="returned nothing for the requests of any version of shop"):
        source.since("shop", mark)


def test_errors_of_which_nothing_is_said_are_not_taken_for_none(world: World) -> None:
    source = world.prometheus(WITH_ERRORS)
    mark = world.begun(source)
    world.monitored.serve("v1", 200)
    world.clock.advance(60)
    with pytest.raises(HeadgateError, match="nothing for the errors") as raised:
        source.since("shop", mark)
    assert "answer 0" in raised.value.remedy

    world.monitored.serve("v2", 500)
    world.clock.advance(60)
    counters = source.since("shop", mark).counters
    assert (counters["v1"].errors, counters["v2"].errors) == (0, 1)


def matrix(*values: object, **labels: str) -> dict[str, Any]:
    points = [[1773480420 + 10 * number, value] for number, value in enumerate(values)]
    result = [{"metric": {"status": "200", **labels}, "values": points}]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, matrix("NaN"), "nan"),
        (200, matrix("-3"), "negative"),
        (200, matrix("+Inf"), "inf"),
        (200, matrix("many"), "no number"),
        (200, {**matrix("1"), "warnings": ["one store is away"]}, "in part only: one store is away"),
        (200, {"status": "error", "error": "bad"}, "failed: bad"),
        (200, {"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}, "not a matrix"),
        (200, {"status": "success"}, "not as documented"),
        (200, b"<html>", "HTTP 200"),
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}, "400: parse error"),
        (503, b"", "HTTP 503"),
        (401, b"", "does not let Headgate in"),
    ],
)
def test_what_prometheus_should_not_answer_is_refused(
    world: World, status: int, body: object, said: str
) -> None:
    source = world.prometheus(token_env="TOKEN")
    mark = world.begun(source)
    world.clock.advance(60)
    world.monitored.answer = (status, body)
    with pytest.raises(HeadgateError, match=said) as raised:
        source.since("shop", mark)
    assert SECRET not in str(raised.value)


def test_two_series_with_the_same_labels_are_refused(world: World) -> None:
    source = world.prometheus()
    mark = world.begun(source)
    world.clock.advance(60)
    body = matrix("1")
    body["data"]["result"] *= 2
    world.monitored.answer = (200, body)
    with pytest.raises(HeadgateError, match="same labels"):
        source.since("shop", mark)


def test_prometheus_gets_its_token_as_it_wants_it(world: World) -> None:
    world.prometheus(token_env="TOKEN", tenant="team").check("shop")
    world.prometheus(token_env="TOKEN", username="me").check("shop")

    bearer, basic = world.monitored.headers[0], world.monitored.headers[-1]

    assert (bearer["authorization"], bearer["x-scope-orgid"]) == (f"Bearer {SECRET}", "team")
    assert base64.b64decode(basic["authorization"].removeprefix("Basic ")).decode() == f"me:{SECRET}"


def test_a_token_that_is_not_set_is_told_by_its_variable(world: World) -> None:
    with pytest.raises(ConfigError, match="NOT_THERE"):
        world.prometheus(token_env="NOT_THERE")


def test_a_name_that_would_change_the_query_is_refused(world: World) -> None:
    with pytest.raises(HeadgateError, match="cannot stand in a query"):
        world.prometheus().check('shop"} or vector(1) #')


def test_datadog_is_asked_for_counts_by_the_interval_with_both_keys(world: World) -> None:
    source = world.datadog()
    mark = world.begun(source)
    world.clock.advance(200)
    world.monitored.serve("v1", 200)
    world.clock.advance(200)
    source.since("shop", mark)

    assert (
        world.monitored.asked[-1]["query"]
        == "sum:requests{version:v2} by {status}.as_count().rollup(sum, 20)"
    )
    assert world.monitored.headers[-1]["dd-api-key"] == SECRET
    assert world.monitored.headers[-1]["dd-application-key"] == f"app-{SECRET}"


@pytest.mark.parametrize("query", ["avg:r{*}", "sum:r{*}.as_rate()", "sum:r{*}.as_count().rollup(avg, 60)"])
def test_rates_and_averages_are_refused(query: str) -> None:
    with pytest.raises(ValueError, match="as_count"):
        rolled_up(query, 20)


def series(*points: list[object], **more: object) -> dict[str, Any]:
    one = {"tag_set": ["status:200"], "interval": 20, "pointlist": list(points), **more}
    return {"status": "ok", "series": [one]}


BEGIN_MS = 1773480420_000
"""The first interval after the mark."""


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, series([BEGIN_MS, -1.0]), "negative"),
        (200, series([BEGIN_MS, 1.0], [BEGIN_MS, 2.0]), "came twice"),
        (200, series([BEGIN_MS, 1.0], interval=60), "60 s and not 20 s"),
        (200, {"status": "error", "error": "Error parsing query"}, "Error parsing query"),
        (200, {"status": "ok", "series": {}}, "no list"),
        (200, {"status": "ok"}, "not as documented"),
        (200, {"status": "ok", "series": [{"tag_set": []}]}, "not as documented"),
        (429, {"errors": ["Too many requests"]}, "429"),
        (403, {"errors": ["Forbidden"]}, "does not let Headgate in"),
    ],
)
def test_what_datadog_should_not_answer_is_refused(
    world: World, status: int, body: object, said: str
) -> None:
    source = world.datadog()
    mark = world.begun(source)
    world.clock.advance(400)
    world.monitored.answer = (status, body)
    with pytest.raises(HeadgateError, match=said) as raised:
        source.since("shop", mark)
    assert SECRET not in str(raised.value)
    assert isinstance(raised.value, PlatformRefused) == (status == 403)


def test_intervals_of_which_datadog_knows_nothing_or_that_are_under_way_are_left_out(world: World) -> None:
    source = world.datadog()
    mark = world.begun(source)
    world.clock.advance(400)
    far = BEGIN_MS + 10 * 3600_000
    world.monitored.answer = (
        200,
        series([BEGIN_MS - 20_000, 9.0], [BEGIN_MS, 1.0], [BEGIN_MS + 20_000, None], [far, 9.0]),
    )

    assert source.since("shop", mark).counters["v1"].requests == 1
