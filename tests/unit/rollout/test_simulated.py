"""Simulated releases on the pieces that judge real ones: seeded users, and no waiting."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from random import Random
from statistics import median
from typing import Any, NamedTuple

import pytest

from headgate.domain.judge import Answer
from headgate.domain.rollout.course import Course
from headgate.domain.rollout.reading import Past
from headgate.domain.rollout.stages import Stage
from headgate.domain.settings import JudgeSettings
from headgate.domain.traffic import Counters
from tests.unit.rollout.test_course import START, look, watch

GRACE_SECONDS = JudgeSettings().grace_seconds
LOOK_SECONDS = 10
RATE = 0.01
STAGES = (Stage(5, 25, 120), Stage(25, 50, 120), Stage(50, 100, 120))


class Users:
    """A hundred requests a second."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def come(self, seconds: float, share_percent: float, rate: float) -> tuple[int, int]:
        """Requests of a version with this share, and how many of them failed."""
        requests = round(seconds * share_percent)
        return requests, sum(self._random.random() < rate for _ in range(requests))

    def half_hour(self) -> list[dict[str, object]]:
        """The time before, by the minute, as the local edge tells it."""
        minutes = (self.come(60, 100, RATE) for _ in range(30))
        return [
            Past(60, {"old": Counters(requests, 0, errors, {})}).as_json() for requests, errors in minutes
        ]


class End(NamedTuple):
    """How a release ended, and after how many seconds of watching."""

    answer: Answer
    seconds: float


def release(
    seed: int, stages: tuple[Stage, ...], *, new: float, old: float = RATE, longest: int = 2400
) -> End:
    """Go through the stages until one holds for good, or the version is sent back."""
    users, course, seconds = Users(seed), Course(), 0
    mark = {"history": users.half_hour()}
    judge = asdict(JudgeSettings())
    for stage in stages:
        at = START + timedelta(seconds=seconds)
        course.begin(watch(stage, mark=mark, judge=judge), at.isoformat())
        counted = [0, 0, 0, 0]
        while True:
            seconds += LOOK_SECONDS
            both = (
                *users.come(LOOK_SECONDS, stage.share_percent, new),
                *users.come(LOOK_SECONDS, 100 - stage.share_percent, old),
            )
            counted = [before + more for before, more in zip(counted, both, strict=True)]
            course.take(_look(seconds, *counted))
            answer = course.verdict().judgement.answer
            if answer is Answer.PROMOTE:
                break
            if answer is Answer.ROLLBACK or seconds >= longest:
                return End(answer, seconds)
    return End(Answer.PROMOTE, seconds)


def _look(seconds: float, new: int, new_errors: int, old: int, old_errors: int) -> dict[str, Any]:
    said = look(seconds, new, old, errors=new_errors)
    said["reading"]["counters"]["old"] = Counters(old, 0, old_errors, {}).mark()
    return said


def test_five_times_the_errors_on_a_tenth_of_the_users_are_sent_back_within_a_minute_of_the_grace() -> None:
    ends = [release(seed, (Stage(10, 25, 120),), new=5 * RATE) for seed in range(20)]
    assert {end.answer for end in ends} == {Answer.ROLLBACK}
    assert median(end.seconds for end in ends) <= GRACE_SECONDS + 60


def test_a_healthy_version_goes_through_all_stages() -> None:
    ends = [release(seed, STAGES, new=RATE) for seed in range(5)]
    assert {end.answer for end in ends} == {Answer.PROMOTE}


@pytest.mark.parametrize("rate", [0.3, 1.0])
def test_an_outage_of_both_versions_pauses_and_sends_nobody_back(rate: float) -> None:
    ends = [release(seed, (Stage(10, 25, 120),), new=rate, old=rate, longest=600) for seed in range(5)]
    assert {end.answer for end in ends} == {Answer.PAUSE}


def test_without_a_user_it_holds_wants_probes_and_a_person() -> None:
    course = Course()
    course.begin(watch(Stage(10, 25, 20), mark={"history": Users(0).half_hour()}), START.isoformat())
    for number in range(1, 361):
        course.take(look(LOOK_SECONDS * number, 0))
        assert course.verdict().judgement.answer is Answer.HOLD
        assert course.wants_probes
    assert course.watched_seconds == 3600
    assert course.verdict().overdue
