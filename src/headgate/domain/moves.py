"""What to do next with a change, decided from its record alone.

The engine asks here, does just that, writes it into the journal, and asks again. So a change that was killed
at any moment goes on from what the journal says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from headgate.domain.change import Phase
from headgate.domain.gate import Verdict, lets_through
from headgate.domain.judge import Answer
from headgate.domain.record import ChangeRecord, Outcome, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNDO_TRIES_MAX = 5
"""How often in a row undoing is tried before a person is needed."""


class Do(StrEnum):
    """Everything the engine can do."""

    PLAN = "plan"
    GATE = "gate"
    APPROVE = "approve"
    REJECT = "reject"
    START = "start"
    STEP = "step"
    MARK_VERIFIED = "mark verified"
    START_WATCH = "start watch"
    SAMPLE = "sample"
    MARK_WATCHED = "mark watched"
    BEGIN_UNDO = "begin undo"
    UNDO = "undo"
    MARK_ROLLED_BACK = "mark rolled back"
    MARK_GOOD = "mark good"
    CHECK_ROLLBACK = "check rollback"
    DOCUMENT = "document"
    HAND_OFF = "hand off"
    NOTIFY = "notify"
    CLOSE = "close"
    STOP = "stop"
    """Nothing more can be done here: the change ended, or a person is needed."""


@dataclass(frozen=True, slots=True)
class Move:
    """The next thing to do. `step` names the step for STEP and UNDO; `why` is written into the journal."""

    do: Do
    step: str = ""
    why: str = ""
    automatic: bool = False
    outcome: Outcome | None = None


def next_move(record: ChangeRecord) -> Move:
    """The next move of a change."""
    if record.outcome is not None:
        return Move(Do.STOP, why=f"the change has ended: {record.outcome}")
    return _BY_PHASE[record.phase](record)


def _proposed(record: ChangeRecord) -> Move:
    return _aborted_before(record) or Move(Do.PLAN)


def _planned(record: ChangeRecord) -> Move:
    return _aborted_before(record) or Move(Do.GATE)


def _gated(record: ChangeRecord) -> Move:
    if record.abort:
        return _reject(_abort_reason(record))
    if lets_through(record.gates):
        return Move(Do.APPROVE)
    closed = [gate.gate for gate in record.gates if gate.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE)]
    return _reject(f"refused by {', '.join(closed)}" if closed else "no gate answered")


def _approved(record: ChangeRecord) -> Move:
    return _aborted_before(record) or Move(Do.START)


def _running(record: ChangeRecord) -> Move:
    failed = next((step for step in record.steps.values() if step.state is StepState.FAILED), None)
    if failed:
        return Move(Do.BEGIN_UNDO, why=f"{failed.title}: {failed.failure}", automatic=True)
    if record.abort:
        return Move(Do.BEGIN_UNDO, why=_abort_reason(record))
    waiting = next((step for step in record.steps.values() if step.state is not StepState.DONE), None)
    return Move(Do.STEP, step=waiting.name) if waiting else Move(Do.MARK_VERIFIED)


def _verified(record: ChangeRecord) -> Move:
    if record.abort and record.watch.get("can_undo", True):
        return Move(Do.BEGIN_UNDO, why=_abort_reason(record))
    if not record.watch:
        return Move(Do.START_WATCH)
    if not record.watch["new_version"]:
        return Move(Do.MARK_WATCHED, why="nothing to watch: no traffic was moved")
    if not record.samples:
        return Move(Do.SAMPLE)
    last = record.samples[-1]
    if last["answer"] == Answer.PROMOTE or (
        last["answer"] == Answer.ROLLBACK and not record.watch["can_undo"]
    ):
        return Move(Do.MARK_WATCHED, why=last["why"])
    if last["answer"] == Answer.ROLLBACK:
        return Move(Do.BEGIN_UNDO, why=last["why"], automatic=True)
    return Move(Do.SAMPLE)


def _watched(record: ChangeRecord) -> Move:
    if record.rollback_ready is None:
        return Move(Do.CHECK_ROLLBACK)
    if not record.good_version:
        return Move(Do.MARK_GOOD)
    return Move(Do.DOCUMENT)


def _documented(_record: ChangeRecord) -> Move:
    return Move(Do.HAND_OFF)


def _handed_off(_record: ChangeRecord) -> Move:
    return Move(Do.CLOSE, outcome=Outcome.DONE)


def _undoing(record: ChangeRecord) -> Move:
    touched = [s for s in record.steps.values() if s.state not in (StepState.WAITING, StepState.UNDONE)]
    if not touched:
        return Move(Do.MARK_ROLLED_BACK)
    if record.undo_failures >= UNDO_TRIES_MAX:
        return Move(Do.STOP, why=f"undoing failed {record.undo_failures} times: {record.issues[-1]}")
    return Move(Do.UNDO, step=touched[-1].name)


def _rolled_back(record: ChangeRecord) -> Move:
    return _told_and_closed(record, Outcome.ROLLED_BACK)


def _rejected(record: ChangeRecord) -> Move:
    return _told_and_closed(record, Outcome.REJECTED)


def _told_and_closed(record: ChangeRecord, outcome: Outcome) -> Move:
    if not record.documents:
        return Move(Do.DOCUMENT)
    if not record.notices:
        return Move(Do.NOTIFY)
    return Move(Do.CLOSE, outcome=outcome)


def _aborted_before(record: ChangeRecord) -> Move | None:
    return _reject(_abort_reason(record)) if record.abort else None


def _reject(why: str) -> Move:
    return Move(Do.REJECT, why=why)


def _abort_reason(record: ChangeRecord) -> str:
    if record.abort is None:
        return ""
    return f"aborted by {record.abort.actor}: {record.abort.data['why']}"


_BY_PHASE: Mapping[Phase, Callable[[ChangeRecord], Move]] = {
    Phase.PROPOSED: _proposed,
    Phase.PLANNED: _planned,
    Phase.GATED: _gated,
    Phase.APPROVED: _approved,
    Phase.RUNNING: _running,
    Phase.VERIFIED: _verified,
    Phase.WATCHED: _watched,
    Phase.DOCUMENTED: _documented,
    Phase.HANDED_OFF: _handed_off,
    Phase.UNDOING: _undoing,
    Phase.ROLLED_BACK: _rolled_back,
    Phase.REJECTED: _rejected,
}
