"""The workflow on DBOS: it carries, tells what went wrong, and takes up what was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import JournalError
from headgate.domain.moves import Do
from headgate.domain.record import Outcome, record_of
from headgate.engine.carriage import Carriage
from headgate.engine.mover import Mover
from headgate.engine.on_dbos import DurableEngine
from tests.unit.engine.stage import Stage, set_stage

if TYPE_CHECKING:
    from pathlib import Path

PARTITION = "shop/production"


def _outcome(stage: Stage) -> Outcome | None:
    return record_of(stage.journal.of_change("c1")).outcome


def test_it_carries_a_change_to_its_end(tmp_path: Path) -> None:
    stage = set_stage()
    change_id = stage.propose()
    with DurableEngine(tmp_path, stage.works) as engine:
        engine.carry(change_id, partition=PARTITION)
    assert _outcome(stage) is Outcome.DONE


def test_it_goes_on_from_what_the_journal_says(tmp_path: Path) -> None:
    stage = set_stage()
    change_id = stage.propose()
    Mover(stage.works, change_id).move_up_to(Do.MARK_VERIFIED)
    done = list(stage.world.log)
    with DurableEngine(tmp_path, stage.works) as engine:
        engine.carry(change_id, partition=PARTITION)
    assert _outcome(stage) is Outcome.DONE
    assert stage.world.log == done


def test_what_a_move_raises_is_raised_as_it_was_and_the_change_can_be_taken_up(tmp_path: Path) -> None:
    stage = set_stage()
    change_id = stage.propose()
    stage.journal.full = True
    with (
        DurableEngine(tmp_path, stage.works) as engine,
        pytest.raises(JournalError, match="the disk is full"),
    ):
        engine.carry(change_id, partition=PARTITION)
    stage.journal.full = False
    with DurableEngine(tmp_path, stage.works) as engine:
        engine.carry(change_id, partition=PARTITION)
    assert _outcome(stage) is Outcome.DONE


def test_a_carriage_tells_the_first_word_only() -> None:
    carriage = Carriage()
    carriage.begin()
    carriage.end(JournalError("first"))
    carriage.end()
    with pytest.raises(JournalError, match="first"):
        carriage.wait()
