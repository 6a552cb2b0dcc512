"""What to do next with a change, decided from its record alone.

The engine asks here, does just that, writes it into the journal, and asks again. So a change that was killed
at any moment goes on from what the journal says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.change import Phase
from headgate.domain.gate import Verdict, lets_through
from headgate.domain.judge import Answer
from headgate.domain.record import ChangeRecord, Outcome, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROMOTION, INCIDENT, EVIDENCE = "promotion", "incident", "evidence"
"""What a person is asked about: whether to go on, an outage of both versions, a lack of evidence."""
_ABOUT = {Answer.PROMOTE.value: PROMOTION, Answer.PAUSE.value: INCIDENT}

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
    ASK = "ask a person"
    PASS_STAGE = "pass stage"
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
    """The next thing to do. `why` is written into the journal.

    `step` names the step for STEP and UNDO, and the stage ('' after all steps) for what watches; `about` is
    what a person is asked about.
    """

    do: Do
    step: str = ""
    why: str = ""
    about: str = ""
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
    for step in record.steps.values():
        if step.state is not StepState.DONE:
            return Move(Do.STEP, step=step.name)
        if step.stage and step.name not in record.passed:
            return _stage(record, step.name, passed=Do.PASS_STAGE, pause=step.stage.pause)
    return Move(Do.MARK_VERIFIED)


def _verified(record: ChangeRecord) -> Move:
    if record.abort and record.watch.get("can_undo", True):
        return Move(Do.BEGIN_UNDO, why=_abort_reason(record))
    kept = [step.name for step in record.steps.values() if step.stage and not step.stage.needs_proof]
    if kept:
        return Move(Do.MARK_WATCHED, why=record.passed[kept[-1]])
    return _stage(record, "", passed=Do.MARK_WATCHED, pause=False)


def _stage(record: ChangeRecord, stage: str, *, passed: Do, pause: bool) -> Move:
    """Watch until the stage is passed. A journal of an older Headgate has watches without a mark."""
    watch = record.watch
    if record.retry or "mark" not in watch or watch["stage"] != stage:
        return Move(Do.START_WATCH, step=stage)
    if not watch["new_version"]:
        return Move(passed, step=stage, why="nothing to watch: no traffic was moved")
    last = record.watch_samples[-1] if record.watch_samples else {"answer": Answer.HOLD, "why": ""}
    if last["answer"] == Answer.ROLLBACK:
        undone = Move(Do.BEGIN_UNDO, why=last["why"], automatic=True)
        return undone if watch["can_undo"] else Move(passed, step=stage, why=last["why"])
    if record.promote:
        said = f"promoted by {record.promote.actor}: {record.promote.data['why']}"
        return Move(passed, step=stage, why=said)
    waits = pause or record.hold is not None
    if last["answer"] == Answer.PROMOTE and not waits:
        return Move(passed, step=stage, why=last["why"])
    return _unsettled(record, stage, last, passed=passed)


def _unsettled(record: ChangeRecord, stage: str, last: Mapping[str, Any], *, passed: Do) -> Move:
    """Ask a person once about each thing that only a person can settle, and look on."""
    overdue = last.get("overdue", False)
    if overdue and not record.watch["can_undo"]:
        return Move(passed, step=stage, why=last["why"])
    about = _ABOUT.get(last["answer"]) or (EVIDENCE if overdue else "")
    if about and about not in record.asked:
        return Move(Do.ASK, step=stage, about=about, why=last["why"])
    return Move(Do.SAMPLE, step=stage)


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
