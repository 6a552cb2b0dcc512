"""What went wrong or deserves attention, in the order in which it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.gate import GateResult, Verdict
from headgate.domain.journal import Entry, Event
from headgate.domain.judge import ROLLED_BACK, Answer
from headgate.domain.report.ending import Ending, ending_of
from headgate.domain.report.model import About, State
from headgate.domain.report.versions import FOREIGN
from headgate.domain.texts import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from headgate.domain.record import ChangeRecord, StepRecord

ISSUES_MAX = 50


def issues_of(record: ChangeRecord, entries: tuple[Entry, ...], about: About) -> tuple[str, ...]:
    """One line each; empty if there are none. At most ISSUES_MAX, then how many more there are."""
    found = [line for entry in entries for line in _LINES.get(entry.event, _nothing)(record, entry)]
    found += _in_the_end(record, about)
    if len(found) > ISSUES_MAX:
        more = len(found) - ISSUES_MAX
        found[ISSUES_MAX:] = [f"and {more} more, which the journal has"]
    return tuple(found)


def _nothing(_record: ChangeRecord, _entry: Entry) -> Iterator[str]:
    yield from ()


def _gate(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    result = GateResult.from_json(entry.data["result"])
    for finding in result.findings:
        if finding.verdict is not Verdict.PASS:
            said = sentence(finding.what, finding.where, finding.remedy)
            yield f"Gate {result.gate} ({finding.verdict}): {said}"


def _rejected(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"Rejected: {entry.data['why']}", remedy="Nothing was changed.")


def _resumed(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield f"Interrupted, and taken up again at {entry.at}."


def _aborted(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"{entry.actor} asked to abort: {entry.data['why']}")


def _held(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"{entry.actor} asked to hold: {entry.data['why']}")


def _promoted(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"{entry.actor} promoted it: {entry.data['why']}")


def _retried(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"{entry.actor} had it weighed anew: {entry.data['why']}")


def _asked(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield sentence(f"A person was asked ({entry.data['about']}): {entry.data['why']}")
    for sent in entry.data["told"]:
        if not sent["delivered"]:
            yield sentence(f"Not told: {sent['role']} by {sent['channel']}: {sent['what']}")


def _step_failed(record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield f"Step failed: {record.steps[entry.data['step']].title}: {_failure(entry.data)}"


def _undo_failed(record: ChangeRecord, entry: Entry) -> Iterator[str]:
    yield f"Undoing failed: {record.steps[entry.data['step']].title}: {_failure(entry.data)}"


def _failure(data: Mapping[str, Any]) -> str:
    return sentence(data["what"], data["where"], data["remedy"])


def _undoing(record: ChangeRecord, entry: Entry) -> Iterator[str]:
    how = "automatically" if entry.data["automatic"] else "on request"
    what, why = _TURNED_ROUND.get(ending_of(record), "Undone"), entry.data["why"].removeprefix(ROLLED_BACK)
    yield sentence(f"{what} {how}: {why}")


_TURNED_ROUND: Mapping[Ending | None, str] = {
    None: "Going back",
    Ending.WENT_BACK: "Rolled back",
    Ending.LEFT_ALONE: "Stopped",
}
"""The others were undone; none has ended yet."""


def _watched(record: ChangeRecord, entry: Entry) -> Iterator[str]:
    if not record.samples or record.samples[-1]["answer"] != Answer.ROLLBACK:
        return
    foreign = entry.data["why"].startswith(FOREIGN)
    what = (
        entry.data["why"]
        if foreign
        else f"The version that serves now does not look healthy: {entry.data['why']}"
    )
    yield sentence(what)


def _not_delivered(_record: ChangeRecord, entry: Entry) -> Iterator[str]:
    if not entry.data["delivered"]:
        yield sentence(f"Not told: {entry.data['role']} by {entry.data['channel']}: {entry.data['what']}")


def _in_the_end(record: ChangeRecord, about: About) -> list[str]:
    if about.state is State.ROLLED_BACK:
        undone = [step.title for step in record.steps.values() if _was_undone(step)]
        return [f"Undone: {', '.join(reversed(undone)) or 'nothing'}.", f"Serving now: {about.serving}."]
    if about.state is State.REJECTED:
        return [f"Serving now: {about.serving}."]
    if about.first_release:
        return ["First release: there is no earlier version; going back means taking the Worker away."]
    return []


def _was_undone(step: StepRecord) -> bool:
    return bool(step.undo_facts or step.undo_calls) and "left_alone" not in step.undo_facts


_LINES: Mapping[Event, Callable[[ChangeRecord, Entry], Iterator[str]]] = {
    Event.GATE_ANSWERED: _gate,
    Event.CHANGE_REJECTED: _rejected,
    Event.CHANGE_RESUMED: _resumed,
    Event.ABORT_REQUESTED: _aborted,
    Event.HOLD_REQUESTED: _held,
    Event.PROMOTE_REQUESTED: _promoted,
    Event.RETRY_REQUESTED: _retried,
    Event.PERSON_ASKED: _asked,
    Event.STEP_FAILED: _step_failed,
    Event.UNDO_FAILED: _undo_failed,
    Event.CHANGE_UNDOING: _undoing,
    Event.CHANGE_WATCHED: _watched,
    Event.NOTICE_SENT: _not_delivered,
}
