"""Growth of running counters, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.adapters.measurements.counting import NotUnderstood
from headgate.adapters.measurements.series import (
    Grown,
    buckets,
    failed,
    filled,
    growth_of_counter,
    total,
)


def grown(*points: tuple[float, float], since: float = 0.0) -> float:
    return sum(one.added for one in growth_of_counter(points, since))


def labels(**pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset(pairs.items())


def test_a_counter_grows_from_its_last_value_before() -> None:
    assert grown((-20, 90), (-10, 100), (10, 103), (20, 110)) == 10


def test_a_counter_that_began_later_began_at_zero() -> None:
    assert grown((10, 3), (20, 5)) == 5


def test_a_counter_that_began_anew_counts_from_zero() -> None:
    assert grown((-10, 100), (10, 110), (20, 4), (30, 6)) == 16


def test_a_sum_that_lost_a_part_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="keep the instances apart"):
        grown((-10, 1000), (10, 900))


@pytest.mark.parametrize("points", [((10, 1), (10, 1)), ((20, 1), (10, 1))])
def test_points_out_of_order_or_twice_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(NotUnderstood, match="order of time"):
        grown(*points)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.data())
def test_growth_is_what_was_counted_whenever_it_is_looked_at(steps: list[int], data: st.DataObject) -> None:
    """Cutting a time in two changes nothing, whatever restarts there were."""
    points, value = [], 1000
    for number, step in enumerate(steps):
        value = step if data.draw(st.booleans()) and step < value / 2 else value + step
        points.append((float(number), float(value)))
    cut = data.draw(st.integers(0, len(points) - 1))
    whole = grown(*points, since=0.0)
    first = grown(*points[: cut + 1], since=0.0)
    assert first + grown(*points, since=float(cut)) == whole


def test_errors_are_told_by_the_status() -> None:
    one = [Grown(0, 1)]
    growth = {
        labels(status="200"): one,
        labels(status="503"): one,
        labels(status="5xx"): one,
        labels(status="404"): one,
    }
    assert total(failed(growth, "status")) == 2
    with pytest.raises(NotUnderstood, match="no label code"):
        failed(growth, "code")


def test_buckets_of_several_instances_are_added_up_in_milliseconds() -> None:
    growth = {
        labels(le="0.1", instance="a"): [Grown(0, 5)],
        labels(le="0.1", instance="b"): [Grown(0, 1), Grown(1, 1)],
        labels(le="+Inf", instance="a"): [Grown(0, 6)],
        labels(le="+Inf", instance="b"): [Grown(0, 2)],
    }
    assert buckets(growth, 1000.0) == {100.0: 7, math.inf: 8}


def test_buckets_never_go_down() -> None:
    growth = {labels(le="1"): [Grown(0, 5)], labels(le="+Inf"): [Grown(0, 4)]}
    assert buckets(growth, 1.0) == {1.0: 5, math.inf: 5}


@pytest.mark.parametrize(
    ("growth", "said"),
    [
        ({labels(instance="a"): [Grown(0, 1)]}, "`le`"),
        ({labels(le="1"): [Grown(0, 1)]}, "Inf"),
        ({labels(le="many"): [Grown(0, 1)]}, "many"),
    ],
)
def test_a_histogram_that_is_none_is_refused(
    growth: dict[frozenset[tuple[str, str]], list[Grown]], said: str
) -> None:
    with pytest.raises(NotUnderstood, match=said):
        buckets(growth, 1000.0)


def test_only_names_stand_in_a_query() -> None:
    template = 'sum:r{script:{script},version:{version}} == {"a"}'
    assert filled(template, "shop", "v-1") == 'sum:r{script:shop,version:v-1} == {"a"}'
    with pytest.raises(NotUnderstood, match="cannot stand"):
        filled(template, 'shop"} or vector(0) #', "v1")
