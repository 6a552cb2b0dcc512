"""Reading a report from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Entry, Event
from headgate.domain.record import ChangeRecord, record_of
from headgate.domain.report.acts import acts_of
from headgate.domain.report.ending import ending_of
from headgate.domain.report.issues import issues_of
from headgate.domain.report.metrics import metrics_of
from headgate.domain.report.model import About, Report
from headgate.domain.report.next_steps import next_steps_of
from headgate.domain.report.pre_checks import pre_checks_of
from headgate.domain.report.versions import (
    is_first_release,
    released_version,
    serving_now,
    state_of,
    version_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDS = frozenset({Event.CHANGE_WATCHED, Event.CHANGE_ROLLED_BACK, Event.CHANGE_REJECTED})
"""What ends the work on production. What follows is paperwork: a report reads the same before and after."""


def report_of(entries: Iterable[Entry]) -> Report:
    """The report of one change, from its entries, oldest first. Raises JournalBroken if there are none."""
    said = tuple(entries)
    record = record_of(said)
    about = _about(record, said)
    return Report(
        about=about,
        pre_checks=pre_checks_of(record),
        acts=acts_of(record, said),
        metrics=metrics_of(record, said, about),
        issues=issues_of(record, said, about),
        next_steps=next_steps_of(record, about),
    )


def _about(record: ChangeRecord, entries: tuple[Entry, ...]) -> About:
    change = record.change
    ended_at = next((entry.at for entry in entries if entry.event in _ENDS), "")
    return About(
        change_id=change.id,
        kind=change.kind.value,
        service=change.target.service,
        environment=change.target.environment,
        version=version_label(record),
        version_id=released_version(record),
        artifact=str(change.arguments.get("artifact", "")),
        author=str(change.author),
        reason=change.reason,
        state=state_of(record),
        ending=ending_of(record),
        first_release=is_first_release(record),
        started_at=record.proposed_at,
        ended_at=ended_at,
        serving=serving_now(record),
    )
