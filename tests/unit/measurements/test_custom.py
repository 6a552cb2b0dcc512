"""Metrics that a user defines: two queries, counted as hits of trials."""

from __future__ import annotations

import itertools
import math
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.counting import NotUnderstood
from headgate.adapters.measurements.custom import WithCustom, trials_of
from headgate.adapters.measurements.prometheus import Prometheus
from headgate.adapters.measurements.queried import QueriedSource
from headgate.domain.judge.compared import ComparedJudge
from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.judge.interval import USERS, Interval, Pair
from headgate.domain.judge.rules import JudgeRules
from headgate.domain.rollout.intervals import Counted, Versions, between
from headgate.domain.rollout.reading import Reading, Trials, arms_of
from headgate.domain.rollout.sources import MORE_IS_BETTER, CustomMetric, PrometheusSettings, Queries
from headgate.domain.traffic import Counters
from tests.fakes.fixed_clock import START, FixedClock
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


def test_hits_are_counted_out_of_trials(shop: Shop) -> None:
    shop.checkouts("v1", converted=8, left=2)
    shop.checkouts("v2", converted=3, left=7)

    assert shop.read().custom == {"conversions": {"v1": Trials(10, 8), "v2": Trials(10, 3)}}


def test_the_mark_names_the_metrics(shop: Shop) -> None:
    assert shop.mark["custom"] == {"conversions": {"direction": "more-is-better", "margin_percent": 1.0}}


def test_a_version_that_never_converts_is_the_worst_and_not_unknown(shop: Shop) -> None:
    shop.checkouts("v1", converted=8, left=2)
    shop.checkouts("v2", converted=0, left=10)

    assert shop.read().custom["conversions"]["v2"] == Trials(10, 0)


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
    assert trials_of(10, 4) == Trials(10, 4)
    with pytest.raises(NotUnderstood, match="only 3"):
        trials_of(3, 4)


def judged(canary: Trials, baseline: Trials, direction: str) -> dict[Side, Evidence]:
    judge = ComparedJudge(JudgeRules(custom=("conversions",), custom_margins={"conversions": 0.01}), ())
    judge.begin_stage(25.0)
    fine = {USERS: Pair(Counters(200, 0, 1, {}), Counters(200, 0, 1, {}))}
    for place in range(66):
        arms = arms_of(canary, baseline, direction)
        judge.take(Interval(10.0 * place, 10.0, fine, {"conversions": arms}))
    return {one.side: one for one in judge.evidence() if one.metric == "conversions"}


@pytest.mark.parametrize(
    ("canary", "baseline", "direction", "rolls_back", "promotes"),
    [
        (0, 10, "more-is-better", True, False),
        (4, 10, "more-is-better", True, False),
        (10, 10, "more-is-better", False, True),
        (14, 10, "more-is-better", False, True),
        (120, 160, "more-is-better", True, False),
        (190, 190, "more-is-better", False, True),
        (10, 4, "more-is-worse", True, False),
        (4, 4, "more-is-worse", False, True),
        (200, 190, "more-is-worse", False, False),
    ],
)
def test_a_metric_decides_in_its_direction_however_rare_its_hits_are(
    canary: int, baseline: int, direction: str, rolls_back: bool, promotes: bool
) -> None:
    evidence = judged(Trials(200, canary), Trials(200, baseline), direction)
    assert (evidence[Side.ROLLBACK].is_enough, evidence[Side.PROMOTE].is_enough) == (rolls_back, promotes)


def test_what_was_counted_while_a_metric_could_not_be_read_does_not_count_twice() -> None:
    versions = Versions("v2", "v1")

    def reading(minute: int, trials: int | None) -> Reading:
        one = Counters(10 * minute, 0, 0, {})
        both = {} if trials is None else {"m": {"v1": Trials(trials, 1), "v2": Trials(trials, 1)}}
        return Reading(START + timedelta(minutes=minute), {"v1": one, "v2": one}, both)

    def known(before: Reading, after: Reading) -> bool:
        found = between(before, after, versions, taken_at=after.as_of, watched_seconds=math.inf)
        assert isinstance(found, Counted)
        return bool(found.custom)

    readings = [reading(1, 50), reading(2, None), reading(3, 60), reading(4, 70)]
    told = [known(before, after) for before, after in itertools.pairwise(readings)]

    assert told == [False, False, True]
