"""What was executed, step by step, in the order of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Entry, Event
from headgate.domain.report.model import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headgate.domain.record import ChangeRecord

_RESULTS: Mapping[Event, str] = {
    Event.STEP_DONE: "done",
    Event.STEP_FAILED: "failed",
    Event.STEP_UNDONE: "undone",
    Event.UNDO_FAILED: "undoing failed",
}


def acts_of(record: ChangeRecord, entries: Iterable[Entry]) -> tuple[Act, ...]:
    """Every act with its calls."""
    return tuple(_act(record, entry) for entry in entries if entry.event in _RESULTS or _prepares(entry))


def _prepares(entry: Entry) -> bool:
    return entry.event is Event.CHANGE_PLANNED and bool(entry.data.get("calls"))


def _act(record: ChangeRecord, entry: Entry) -> Act:
    if _prepares(entry):
        return Act("build and plan", "done", None, tuple(entry.data["calls"]))
    return Act(
        title=record.steps[entry.data["step"]].title,
        result=_RESULTS[entry.event],
        seconds=entry.data["seconds"],
        calls=tuple(entry.data["calls"]),
    )
