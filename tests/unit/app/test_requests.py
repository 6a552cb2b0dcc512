"""What a person may ask of a change that runs: promote, hold, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import NotFound
from headgate.domain.journal import Event
from headgate.domain.moves import Do
from headgate.domain.record import Outcome
from headgate.domain.rollout.stages import RolloutRules
from headgate.engine.mover import Mover
from tests.unit.app.parts import MemoryParts
from tests.unit.app.test_application import application, propose, release
from tests.unit.changes.stage import open_shop
from tests.unit.engine.stage import ANN

if TYPE_CHECKING:
    from headgate.app import Application

RULES = RolloutRules("canary", steps=(50.0, 100.0), soak_seconds=5, pauses=(50.0,), baseline_seconds=5)


def waiting() -> tuple[MemoryParts, Application, str]:
    """A canary at its first look, in the middle of its traffic."""
    parts = MemoryParts(open_shop(RULES))
    release(parts)
    app = application(parts)
    change_id = propose(app)
    Mover(parts.works, change_id).move_up_to(Do.SAMPLE)
    return parts, app, change_id


def test_a_promotion_lets_a_change_that_is_watched_go_on() -> None:
    parts, app, change_id = waiting()
    app.promote(change_id, why="seen enough", author=ANN)
    Mover(parts.works, change_id).move()
    assert app.record(change_id).passed == {"canary50-production": "promoted by person:ann: seen enough"}


def test_a_change_that_is_not_watched_cannot_be_promoted() -> None:
    parts = MemoryParts()
    app = application(parts)
    change_id = propose(app)
    with pytest.raises(NotFound, match="not being watched"):
        app.promote(change_id, why="hurry", author=ANN)


def test_a_hold_may_be_asked_for_before_there_is_traffic_and_not_after_the_end() -> None:
    parts = MemoryParts()
    app = application(parts)
    change_id = propose(app)
    app.hold(change_id, why="wait for the sale", author=ANN)
    Mover(parts.works, change_id).move_up_to(Do.ASK)
    assert app.record(change_id).phase == "verified"
    app.promote(change_id, why="sold", author=ANN)
    assert app.carry(change_id).outcome is Outcome.DONE
    with pytest.raises(NotFound, match="nothing to hold"):
        app.hold(change_id, why="late", author=ANN)


def test_a_retry_of_a_change_that_is_watched_begins_its_stage_anew() -> None:
    parts, app, change_id = waiting()
    assert app.retry(change_id, why="the database was down", author=ANN) == change_id
    Mover(parts.works, change_id).move()
    started = parts.journal.recent("", Event.WATCH_STARTED, limit=2)
    assert [entry.data["stage"] for entry in started] == ["canary50-production"] * 2


def test_a_retry_of_what_was_rolled_back_releases_the_same_artifact_once_more() -> None:
    parts, app, change_id = waiting()
    app.abort(change_id, why="not now", author=ANN)
    first = app.carry(change_id)
    assert first.outcome is Outcome.ROLLED_BACK
    again = app.retry(change_id, why="now", author=ANN)
    assert again != change_id
    assert app.record(again).change.arguments == first.change.arguments
    Mover(parts.works, again).move_up_to(Do.SAMPLE)
    app.promote(again, why="fine", author=ANN)
    assert app.carry(again).outcome is Outcome.DONE


def test_a_release_that_went_well_is_not_retried() -> None:
    parts = MemoryParts()
    release(parts)
    app = application(parts)
    with pytest.raises(NotFound, match="not a release that was rolled back"):
        app.retry(app.newest(), why="again", author=ANN)
