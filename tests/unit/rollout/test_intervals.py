"""From readings to intervals: bad input is refused with its reason, and nothing is guessed."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.rollout.intervals import Counted, Refused, Versions, beginning, between, unsound
from headgate.domain.rollout.reading import Reading, Trials
from headgate.domain.traffic import Counters

BOTH = Versions("new", "old")
START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def counted(requests: float, errors: float = 0, slow: float = 0) -> Counters:
    """Counters as a source gives them, right or wrong."""
    buckets = {10.0: requests - slow, math.inf: requests}
    return Counters(requests, 0, errors, buckets)  # type: ignore[arg-type]


def reading(
    seconds: float, new: Counters, old: Counters | None = None, *, epoch: str = "", **more: Counters
) -> Reading:
    """A reading so long after the start."""
    counters = {"new": new, "old": old or counted(100), **more}
    return Reading(START + timedelta(seconds=seconds), counters, epoch=epoch)


def taken(
    before: Reading, after: Reading, *, late: float = 1, watched: float = 10, from_mark: bool = False
) -> Counted | Refused:
    """What is between two readings; the second was taken `late` seconds after its own time."""
    return between(
        before,
        after,
        BOTH,
        taken_at=after.as_of + timedelta(seconds=late),
        watched_seconds=watched,
        from_mark=from_mark,
    )


def refused(found: Counted | Refused) -> Refused:
    """It is, and why."""
    assert isinstance(found, Refused)
    return found


def test_the_difference_of_two_readings_is_an_interval() -> None:
    found = taken(reading(0, counted(10, 1)), reading(10, counted(30, 2, slow=5), counted(150, 3)))
    assert isinstance(found, Counted)
    assert found.seconds == 10
    assert (found.canary.requests, found.canary.errors, found.canary.buckets[10.0]) == (20, 1, 15)
    assert (found.baseline.requests, found.baseline.errors) == (50, 3)


def test_no_request_at_all_is_an_interval_with_nothing_in_it() -> None:
    found = taken(reading(0, counted(10)), reading(10, counted(10)))
    assert isinstance(found, Counted)
    assert found.canary.requests == found.baseline.requests == 0
    assert found.canary.error_rate_percent is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1, 0.5])
def test_a_count_that_is_none_is_refused(bad: float) -> None:
    for counters in (counted(bad), Counters(5, 0, bad, {}), Counters(5, 0, 0, {10.0: bad})):  # type: ignore[arg-type, dict-item]
        assert "version new cannot be right" in unsound(reading(10, counters), BOTH)
        assert "is no count" in unsound(reading(10, counters), BOTH)


def test_more_errors_than_requests_are_refused() -> None:
    assert "7 errors in 5 requests" in unsound(reading(10, counted(5, 7)), BOTH)
    found = taken(reading(0, counted(10, 0)), reading(10, counted(12, 5)))
    assert "5 errors in 2 requests" in refused(found).why


def test_a_histogram_that_goes_down_is_refused() -> None:
    for buckets in ({1.0: 5, 10.0: 3}, {math.nan: 5}):
        assert "its histogram" in unsound(reading(10, Counters(5, 0, 0, buckets)), BOTH)


def test_a_histogram_with_other_edges_is_refused_once() -> None:
    after = reading(10, Counters(20, 0, 0, {7.0: 20, math.inf: 20}))
    found = refused(taken(reading(0, counted(10)), after))
    assert "other edges" in found.why
    assert found.anew


@pytest.mark.parametrize("after", [counted(9, 1), counted(20, 0), counted(20, 1, slow=11)])
def test_counters_that_went_down_are_refused_and_counted_from_there(after: Counters) -> None:
    found = refused(taken(reading(0, counted(10, 1)), reading(10, after)))
    assert "version new went down" in found.why
    assert found.anew


def test_a_source_that_missed_something_is_not_subtracted() -> None:
    found = refused(taken(reading(0, counted(10)), reading(10, counted(20), epoch="second")))
    assert "missed something" in found.why
    assert found.anew


def test_a_clock_that_is_ahead_is_refused() -> None:
    found = refused(taken(reading(0, counted(10)), reading(3600, counted(20)), late=-3590))
    assert "a clock has jumped: the source's is 3590 s ahead" in found.why
    assert not found.anew


def test_a_clock_that_went_back_is_refused_and_measured_from_there() -> None:
    found = refused(taken(reading(0, counted(10)), reading(-3600, counted(20))))
    assert "went back by 3600 s" in found.why
    assert found.anew


def test_a_clock_that_went_on_by_more_than_was_watched_is_refused() -> None:
    found = refused(taken(reading(0, counted(10)), reading(3600, counted(20)), watched=10))
    assert "went on by 3600 s in 10 s" in found.why
    assert found.anew
    assert isinstance(taken(reading(0, counted(10)), reading(3600, counted(20)), watched=math.inf), Counted)


@pytest.mark.parametrize("seconds", [0, -30])
def test_a_source_that_is_behind_has_nothing_newer_yet(seconds: float) -> None:
    found = refused(taken(reading(0, counted(10)), reading(seconds, counted(10))))
    assert "nothing newer" in found.why
    assert not found.anew


def test_a_source_with_a_long_delay_is_behind_the_mark_at_first() -> None:
    mark = beginning(START, BOTH)
    found = refused(taken(mark, reading(-300, counted(0), counted(0)), from_mark=True))
    assert "nothing newer" in found.why


def test_data_of_another_version_is_refused_and_named() -> None:
    theirs = Reading(START, {"theirs": counted(10), "old": counted(10)})
    assert unsound(theirs, BOTH) == "the source says nothing of version new, but of theirs, old"


def test_nothing_returned_is_refused() -> None:
    assert unsound(Reading(START, {}), BOTH) == "the source returned nothing"


def test_a_version_alone_needs_no_other() -> None:
    alone = Versions("new")
    assert unsound(Reading(START, {"new": counted(10)}), alone) == ""
    found = between(
        beginning(START, alone),
        reading(10, counted(10)),
        alone,
        taken_at=START + timedelta(seconds=11),
        watched_seconds=10,
    )
    assert isinstance(found, Counted)
    assert found.baseline.requests == 0


def test_custom_metrics_are_differences_too_and_those_that_went_down_are_unknown() -> None:
    def with_trials(seconds: float, **hits: int) -> Reading:
        custom = {name: {"new": Trials(100, n), "old": Trials(100, 0)} for name, n in hits.items()}
        return Reading(START + timedelta(seconds=seconds), {"new": counted(10), "old": counted(10)}, custom)

    found = taken(with_trials(0, up=5, down=5), with_trials(10, up=5, down=4, fresh=3))
    assert isinstance(found, Counted)
    # Of one that was not read before it is not known since when it counts.
    assert found.custom == {"up": {"new": Trials(0, 0), "old": Trials(0, 0)}}


def test_a_custom_metric_with_more_hits_than_trials_is_refused() -> None:
    wrong = Reading(START, {"new": counted(1), "old": counted(1)}, {"sales": {"new": Trials(1, 2)}})
    assert "the metric sales of version new cannot be right: 2 of 1" in unsound(wrong, BOTH)


figures = st.one_of(st.integers(-3, 50), st.sampled_from([math.nan, math.inf, -math.inf, 0.5, 10**12]))
buckets = st.dictionaries(st.sampled_from([1.0, 10.0, math.inf, math.nan]), figures, max_size=3)
counters = st.builds(Counters, figures, figures, figures, buckets)
readings = st.builds(
    Reading,
    st.integers(-7200, 7200).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.dictionaries(st.sampled_from(["new", "old", "theirs"]), counters, max_size=3),
    epoch=st.sampled_from(["", "second"]),
)


@given(readings, readings, st.floats(0, 7200))
def test_whatever_a_source_answers_it_is_refused_or_can_be_right(
    before: Reading, after: Reading, watched: float
) -> None:
    if unsound(before, BOTH) or unsound(after, BOTH):
        return
    found = between(before, after, BOTH, taken_at=START, watched_seconds=watched)
    if isinstance(found, Refused):
        assert found.why
        return
    assert found.seconds > 0
    for counters in (found.canary, found.baseline):
        assert 0 <= counters.errors <= counters.requests
        ordered = [counters.buckets[edge] for edge in sorted(counters.buckets)]
        assert ordered == sorted(ordered)
        assert all(count >= 0 for count in ordered)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), min_size=1, max_size=20))
def test_the_intervals_of_sound_readings_add_up_to_the_whole(steps: list[tuple[int, int]]) -> None:
    last, requests, errors, summed = beginning(START, BOTH), 0, 0, 0
    for number, (more, wrong) in enumerate(steps, start=1):
        requests, errors = requests + more + wrong, errors + wrong
        here = reading(10 * number, counted(requests, errors), counted(requests))
        found = taken(last, here)
        assert isinstance(found, Counted)
        summed += found.canary.requests
        last = here
    assert summed == requests
