"""Counters and splits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.errors import HeadgateError
from headgate.domain.traffic import NOTHING_COUNTED, Counters, all_to, checked

INFINITY = float("inf")


def test_nothing_counted_has_no_rate_and_no_latency() -> None:
    assert NOTHING_COUNTED.error_rate_percent is None
    assert NOTHING_COUNTED.latency_ms(0.95) is None


def test_latency_is_interpolated_within_its_bucket() -> None:
    counters = Counters(100, 0, 0, {10.0: 50, 20.0: 100, INFINITY: 100})
    assert counters.latency_ms(0.5) == pytest.approx(10)
    assert counters.latency_ms(0.75) == pytest.approx(15)


def test_latency_in_the_open_bucket_is_its_lower_edge() -> None:
    counters = Counters(10, 0, 0, {10.0: 0, INFINITY: 10})
    assert counters.latency_ms(0.99) == pytest.approx(10)


def test_a_difference_counts_only_what_came_after() -> None:
    earlier = Counters(10, 1, 2, {10.0: 8, INFINITY: 10})
    later = Counters(30, 1, 5, {10.0: 20, INFINITY: 30})
    assert later.since(earlier) == Counters(20, 0, 3, {10.0: 12, INFINITY: 20})


def test_a_counter_that_was_reset_counts_from_zero() -> None:
    assert Counters(5, 0, 1, {INFINITY: 5}).since(Counters(100, 0, 0, {INFINITY: 100})).requests == 5


def test_a_mark_is_read_back_as_it_was() -> None:
    counters = Counters(30, 1, 5, {2.5: 20, INFINITY: 30})
    assert Counters.from_mark(counters.mark()) == counters


@given(
    st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=8),
    st.floats(min_value=0, max_value=1),
    st.floats(min_value=0, max_value=1),
)
def test_quantiles_are_in_order_and_within_the_edges(counts: list[int], one: float, other: float) -> None:
    buckets, total = dict[float, int](), 0
    for number, count in enumerate(counts, 1):
        total += count
        buckets[10.0 * number] = total
    buckets[INFINITY] = total
    low, high = sorted((one, other))
    counters = Counters(total, 0, 0, buckets)
    below, above = counters.latency_ms(low), counters.latency_ms(high)
    if below is None or above is None:
        assert total == 0
    else:
        assert 0 <= below <= above <= 10.0 * len(counts)


def test_a_split_keeps_another_version_in_reach() -> None:
    assert all_to("new", keeping="old") == {"new": 100.0, "old": 0.0}
    assert all_to("new") == {"new": 100.0}
    assert all_to("new", keeping="new") == {"new": 100.0}


@pytest.mark.parametrize("split", [{}, {"a": 50}, {"a": 50, "b": 25, "c": 25}, {"a": 101, "b": -1}])
def test_a_split_that_the_platform_cannot_take_is_refused(split: dict[str, float]) -> None:
    with pytest.raises(HeadgateError):
        checked(split)
