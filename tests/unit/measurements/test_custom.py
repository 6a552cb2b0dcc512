"""Metrics that a user defines: two queries, counted as hits of trials."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.counting import NotUnderstood
from headgate.adapters.measurements.custom import WithCustom, trials_of
from headgate.adapters.measurements.prometheus import Prometheus
from headgate.adapters.measurements.queried import QueriedSource
from headgate.domain.rollout.reading import Reading, Trials
from headgate.domain.rollout.sources import MORE_IS_BETTER, CustomMetric, PrometheusSettings, Queries
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_measurements import MemoryMeasurements
from tests.fakes.monitoring import Monitored, monitoring_server

if TYPE_CHECKING:
    from collections.abc import Iterator

CONVERSIONS = CustomMetric(
    "conversions",
    query='errors{version="{version}"}',
    per='requests{version="{version}"}',
    direction=MORE_IS_BETTER,
    source="prometheus",
)


@dataclass
class Shop:
    clock: FixedClock
    monitored: Monitored
    source: WithCustom
    mark: dict[str, object] = field(default_factory=dict)

    def checkouts(self, version: str, converted: int, left: int) -> None:
        """The fake counts status 500 as `errors`, which are conversions here."""
        self.monitored.serve(version, *[500] * converted, *[200] * left)

    def read(self) -> Reading:
        self.clock.advance(60)
        return self.source.since("shop", self.mark)


@pytest.fixture(name="shop")
def a_shop() -> Iterator[Shop]:
    with ExitStack() as closing:
        clock = FixedClock()
        monitored = Monitored(clock)
        settings = PrometheusSettings(closing.enter_context(monitoring_server(monitored)))
        http = closing.enter_context(HttpClient(user_agent="headgate/test"))
        system = QueriedSource(
            "prometheus",
            Prometheus(settings, http, {}),
            Queries(),
            clock,
            step_seconds=10,
            delay_seconds=30,
        )
        source = WithCustom(MemoryMeasurements(clock), [CONVERSIONS], {"prometheus": system})
        shop = Shop(clock, monitored, source)
        shop.mark = dict(source.begin("shop", ("v1", "v2")))
        clock.advance(20)
        yield shop


def test_what_is_better_the_more_there_is_of_it_counts_what_is_missing(shop: Shop) -> None:
    shop.checkouts("v1", converted=8, left=2)
    shop.checkouts("v2", converted=3, left=7)

    assert shop.read().custom == {"conversions": {"v1": Trials(10, 2), "v2": Trials(10, 7)}}


def test_the_mark_names_the_metrics(shop: Shop) -> None:
    assert shop.mark["custom"] == ["conversions"]


def test_a_version_that_never_converts_is_the_worst_and_not_unknown(shop: Shop) -> None:
    shop.checkouts("v1", converted=8, left=2)
    shop.checkouts("v2", converted=0, left=10)

    assert shop.read().custom["conversions"]["v2"] == Trials(10, 10)


def test_a_query_that_returns_nothing_leaves_the_metric_unknown_and_says_so(shop: Shop) -> None:
    reading = shop.read()
    assert reading.custom == {}
    assert "`per` returned nothing" in " ".join(reading.notes)

    shop.checkouts("v1", converted=0, left=10)
    reading = shop.read()
    assert reading.custom == {}
    assert "let it answer 0" in " ".join(reading.notes)


def test_a_system_that_fails_takes_nothing_else_with_it(shop: Shop) -> None:
    shop.monitored.answer = (503, b"")
    reading = shop.read()
    assert set(reading.counters) == {"v1", "v2"}
    assert reading.custom == {}
    assert "conversions could not be read" in " ".join(reading.notes)


def test_more_hits_than_trials_are_refused() -> None:
    assert trials_of(10, 4, "more-is-worse") == Trials(10, 4)
    with pytest.raises(NotUnderstood, match="only 3"):
        trials_of(3, 4, "more-is-worse")
