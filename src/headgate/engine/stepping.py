"""Doing one step with its verification, and undoing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.errors import HeadgateError, JournalError
from headgate.domain.journal import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.changes.kind import Step
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works


def step(works: Works, record: ChangeRecord, move: Move) -> None:
    """Do a step and verify it. What was called is written down whether it worked or not."""
    todo = _named(works, record, move.step)
    works.write(record, (Event.STEP_STARTED, {"step": todo.name, "title": todo.planned.title}))
    run, began = works.run_of(record), works.tools.clock.monotonic()
    try:
        facts = todo.act(run)
        verified = todo.verify(run, facts)
    except JournalError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an act raises, production has to be brought back
        works.write(record, (Event.STEP_FAILED, {**_went(works, todo, began), **_failure(error)}))
        return
    done = {**_went(works, todo, began), "facts": dict(facts), "verified": verified}
    works.write(record, (Event.STEP_DONE, done))


def begin_undo(works: Works, record: ChangeRecord, move: Move) -> None:
    """Turn round."""
    works.write(record, (Event.CHANGE_UNDOING, {"why": move.why, "automatic": move.automatic}))


def undo(works: Works, record: ChangeRecord, move: Move) -> None:
    """Undo a step; if that fails, say so and let the engine try again after a pause that grows."""
    todo, began = _named(works, record, move.step), works.tools.clock.monotonic()
    if record.undo_failures:
        works.tools.clock.sleep(min(2.0 ** (record.undo_failures - 1), 8.0))
    try:
        facts = todo.undo(works.run_of(record))
    except JournalError:
        raise
    except Exception as error:  # noqa: BLE001 - one failed undo must not keep the others from being tried
        works.write(record, (Event.UNDO_FAILED, {**_went(works, todo, began), **_failure(error)}))
        return
    works.write(record, (Event.STEP_UNDONE, {**_went(works, todo, began), "facts": dict(facts)}))


def mark_verified(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Every step was done and its verification passed."""
    works.write(record, (Event.CHANGE_VERIFIED, {}))


def mark_rolled_back(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Everything is as it was; what was uploaded is remembered as bad, so that no rollback leads to it."""
    bad = works.kind_of(record).bad_version(works.run_of(record))
    why = record.verdict
    said = [(Event.VERSION_BAD, {"version_id": bad, "why": why})] if bad else []
    works.write(record, *said, (Event.CHANGE_ROLLED_BACK, {}))


def _named(works: Works, record: ChangeRecord, name: str) -> Step:
    steps = works.kind_of(record).steps(works.run_of(record))
    return next(step for step in steps if step.name == name)


def _went(works: Works, todo: Step, began: float) -> dict[str, Any]:
    seconds = works.tools.clock.monotonic() - began
    return {"step": todo.name, "calls": works.tools.calls.take(), "seconds": round(seconds, 3)}


def _failure(error: Exception) -> Mapping[str, str]:
    if isinstance(error, HeadgateError):
        return {"what": error.what, "where": error.where, "remedy": error.remedy}
    return {
        "what": f"{type(error).__name__}: {error}",
        "where": "inside Headgate",
        "remedy": "This is a bug in Headgate: please report it with the journal's entries of this change.",
    }
