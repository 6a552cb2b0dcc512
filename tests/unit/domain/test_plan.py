"""A plan cannot be made without a way back."""

from __future__ import annotations

import pytest

from headgate.domain.errors import HeadgateError
from headgate.domain.plan import Plan, PlannedStep, RollbackPlan, Trust, WayBack

BACK = RollbackPlan(WayBack.VERSION, "v1", Trust.VERIFIED, ("headgate rollback production",))
STEP = PlannedStep("switch", "switch", "back")


def test_a_plan_is_read_back_as_it_was() -> None:
    plan = Plan("c1", (STEP,), "all traffic", BACK, {"serving": {"production": "v1"}})
    assert Plan.from_json(plan.as_json()) == plan


def test_the_digest_changes_with_every_part() -> None:
    plan = Plan("c1", (STEP,), "all traffic", BACK, {})
    others = [
        Plan("c2", (STEP,), "all traffic", BACK, {}),
        Plan("c1", (STEP, STEP), "all traffic", BACK, {}),
        Plan("c1", (STEP,), "less traffic", BACK, {}),
        Plan("c1", (STEP,), "all traffic", RollbackPlan(WayBack.VERSION, "v2", Trust.NAMED, ("x",)), {}),
        Plan("c1", (STEP,), "all traffic", BACK, {"serving": {}}),
    ]
    assert plan.digest not in {other.digest for other in others}


def test_without_a_rollback_plan_there_is_no_plan() -> None:
    with pytest.raises(TypeError):
        Plan("c1", (STEP,), "all traffic", facts={})  # type: ignore[call-arg]


def test_a_rollback_plan_names_its_version_and_says_how_to_do_it_by_hand() -> None:
    with pytest.raises(HeadgateError):
        RollbackPlan(WayBack.VERSION, "", Trust.VERIFIED, ("x",))
    with pytest.raises(HeadgateError):
        RollbackPlan(WayBack.VERSION, "v1", Trust.VERIFIED, ())


def test_a_plan_has_steps() -> None:
    with pytest.raises(HeadgateError):
        Plan("c1", (), "all traffic", BACK, {})
