"""The judge of one change, fed look by look: what it makes of looks that tell nothing, or too much."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.domain.judge import Answer
from headgate.domain.judge.evidence import Side
from headgate.domain.rollout.course import Course
from headgate.domain.rollout.reading import Reading
from headgate.domain.rollout.stages import Stage
from headgate.domain.settings import JudgeSettings
from headgate.domain.traffic import Counters

START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def watch(stage: Stage, **more: object) -> dict[str, Any]:
    """As WATCH_STARTED has it."""
    return {
        "stage": "canary",
        "new_version": "new",
        "old_version": "old",
        "can_undo": True,
        "ask_after_seconds": 60.0,
        "judge": asdict(JudgeSettings(grace_seconds=0)),
        "mark": {},
        **stage.as_json(),
        **more,
    }


def look(
    seconds: float, new: int, old: int = 0, *, errors: int = 0, after: float | None = 10.0, **more: object
) -> dict[str, Any]:
    """As WATCH_SAMPLED has it: a reading so long after the start, with counts since the mark."""
    at = START + timedelta(seconds=seconds)
    counters = {"new": Counters(new, 0, errors, {}), "old": Counters(old, 0, 0, {})}
    reading = Reading(at, counters).as_json()
    said = {"taken_at": at.isoformat(), "seconds": after, "reading": reading, "unread": "", "probes": None}
    return {**said, **more}


def course(stage: Stage | None = None) -> Course:
    """One that has begun."""
    made = Course()
    made.begin(watch(stage or Stage(10, 25, 20)), START.isoformat())
    return made


def test_a_stage_is_passed_when_it_was_seen_long_enough_and_is_proven() -> None:
    made = course()
    for number in range(1, 6):
        made.take(look(10 * number, 1000 * number, 9000 * number))
    said = made.verdict()
    assert said.judgement.answer is Answer.PROMOTE
    assert said.time_left_seconds == 0


def test_counters_that_begin_anew_cost_one_interval_and_no_more() -> None:
    made = course()
    made.take(look(10, 1000, 9000))
    made.take(look(20, 10, 90))
    assert "went down" in made.verdict().judgement.why
    assert made.verdict().judgement.answer is Answer.HOLD
    for number in range(3, 8):
        made.take(look(10 * number, 1000 * number, 9000 * number))
    assert made.verdict().judgement.answer is Answer.PROMOTE


def test_a_clock_that_jumps_ahead_does_not_soak() -> None:
    made = course(Stage(10, 25, 600))
    made.take(look(10, 1000, 9000))
    made.take(look(4000, 2000, 18000))
    assert "a clock has jumped" in made.verdict().judgement.why
    made.take(look(4010, 3000, 27000))
    assert "healthy for 20 of 600 s" in made.verdict().judgement.why


def test_the_time_in_which_nobody_looked_is_not_soaked_and_its_counts_are() -> None:
    made = course(Stage(10, 25, 600))
    made.take(look(10, 1000, 9000))
    made.take(look(3600, 2000, 18000, after=None))
    new, _ = made.figures()
    assert new is not None
    assert new.requests == 2000
    assert made.verdict().judgement.answer is Answer.HOLD


def test_probes_among_the_counts_are_not_counted_twice() -> None:
    made = course()
    begun, ended = START + timedelta(seconds=12), START + timedelta(seconds=13)
    probes = {
        "begun": begun.isoformat(),
        "ended": ended.isoformat(),
        "counts": {"new": [10, 0], "old": [10, 0]},
    }
    made.take(look(10, 0))
    assert made.wants_probes
    made.take(look(20, 10, 10, probes=probes))
    assert made.wants_probes
    assert "no request of a user" in made.verdict().judgement.why
    made.take(look(30, 60, 60))
    assert not made.wants_probes


def test_probes_that_fail_roll_back_a_version_that_nobody_uses() -> None:
    made = course()
    for number in range(1, 4):
        at = START + timedelta(seconds=10 * number - 1)
        counts = {"new": [10, 10], "old": [10, 0]}
        probes = {"begun": at.isoformat(), "ended": at.isoformat(), "counts": counts}
        made.take(look(10 * number, 10 * number, 10 * number, errors=10 * number, probes=probes))
    assert made.verdict().judgement.answer is Answer.ROLLBACK


def test_it_is_overdue_after_a_time_without_data() -> None:
    made = course()

    def unread(seconds: float) -> dict[str, Any]:
        return look(seconds, 0, reading=None, unread="no answer")

    for number in range(1, 6):
        made.take(unread(10 * number))
        assert not made.verdict().overdue
    made.take(unread(60))
    assert made.verdict().overdue
    assert made.verdict().judgement.why == "no verdict yet: no answer"


def test_where_nothing_has_to_be_proven_it_is_enough_that_nothing_speaks_against_it() -> None:
    made = course(Stage(95, 100, 20, needs_proof=False))
    for number in range(1, 3):
        made.take(look(10 * number, 20 * number, number))
    assert made.verdict().judgement.why == "healthy after 20 s and 40 canary requests"


def test_a_version_alone_is_held_against_the_past_of_the_one_before() -> None:
    made = Course()
    past = {"seconds": 1800, "counters": {"old": Counters(10_000, 0, 500, {}).mark()}}
    made.begin(watch(Stage(100, 100, 20), mark={"history": [past]}), START.isoformat())
    for number in range(1, 5):
        made.take(look(10 * number, 1000 * number, errors=50 * number))
    assert made.verdict().judgement.answer is Answer.PROMOTE
    made.take(look(50, 5000, errors=700))
    assert "errors 14 %, the limit is 8.5 %" in made.verdict().judgement.why


def test_a_few_users_do_not_keep_a_version_waiting_for_their_latency() -> None:
    made = Course()
    buckets = {10.0: 900, 100.0: 2000, 1000.0: 2000, float("inf"): 2000}
    past = {"seconds": 1800, "counters": {"old": Counters(2000, 0, 0, buckets).mark()}}
    made.begin(watch(Stage(100, 100, 20), mark={"history": [past]}), START.isoformat())
    at = START + timedelta(seconds=10)
    few = Reading(at, {"new": Counters(3, 0, 0, dict.fromkeys(buckets, 3))}).as_json()
    made.take(look(10, 3, reading=few))
    probes = {"begun": at.isoformat(), "ended": at.isoformat(), "counts": {"new": [600, 0]}}
    made.take(look(20, 0, reading=None, unread="no answer", probes=probes))
    wanted = [one.metric for one in made.verdict().evidence if one.side is Side.PROMOTE]
    assert wanted == ["errors"]
