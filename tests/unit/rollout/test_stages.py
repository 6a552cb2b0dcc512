"""The stages of a canary, and how long they take."""

from __future__ import annotations

import pytest

from headgate.domain.rollout.figures import time_left_seconds
from headgate.domain.rollout.stages import RolloutRules, Stage, canary_stages


def test_the_default_goes_up_in_steps_and_keeps_a_baseline_for_a_while() -> None:
    assert canary_stages(RolloutRules()) == (
        Stage(5, 25, 120),
        Stage(25, 50, 120),
        Stage(50, 95, 120),
        Stage(95, 100, 300, needs_proof=False),
    )


def test_a_pause_is_after_the_steps_that_are_named() -> None:
    stages = canary_stages(RolloutRules(steps=(10.0, 50.0, 100.0), pauses=(50.0,)))
    assert [stage.pause for stage in stages] == [False, True, False]


@pytest.mark.parametrize("baseline", [0.0, 5.0])
def test_no_baseline_is_kept_where_none_is_wanted_or_left(baseline: float) -> None:
    rules = RolloutRules(steps=(10.0, 95.0, 100.0), baseline_percent=baseline)
    assert canary_stages(rules) == (Stage(10, 95, 120), Stage(95, 100, 120))


def test_a_stage_is_read_back_as_it_was_written() -> None:
    stage = Stage(5, 25, 120, pause=True, needs_proof=False)
    assert Stage.from_json(stage.as_json()) == stage


@pytest.mark.parametrize(
    ("evidence", "soaked", "tested", "left"),
    [
        (((1.0, 3.0),), 60, 60, 120),
        (((3.0, 3.0),), 60, 60, 60),
        (((3.0, 3.0), (1.5, 3.0)), 200, 200, 200),
        (((3.0, 3.0),), 200, 200, 0),
        (((0.0, 3.0),), 60, 60, None),
        (((-2.0, 3.0), (9.0, 3.0)), 60, 60, None),
        ((), 20, 20, 100),
    ],
)
def test_the_time_left_is_told_at_the_present_traffic(
    evidence: tuple[tuple[float, float], ...], soaked: float, tested: float, left: float | None
) -> None:
    assert time_left_seconds(evidence, soaked=soaked, soak=120, tested=tested) == left
