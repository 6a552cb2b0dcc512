"""After a change: write it down, tell the roles, close it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.change import Phase
from headgate.domain.journal import Event

if TYPE_CHECKING:
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works


def document(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Write the report and the runbook's entry from the journal. No change is closed before that."""
    # Loaded here, because a rollback moves the traffic long before anything is written for people.
    from headgate.domain.report import forms
    from headgate.domain.runbook import updated

    change = record.change
    files = works.documents.write_report(change.id, forms(works.tools.journal.of_change(change.id)))
    runbook = works.documents.write_runbook(change.target.service, lambda current: updated(current, record))
    said: list[tuple[Event, dict[str, Any]]] = [(Event.REPORT_WRITTEN, {"files": [*files, runbook]})]
    if record.phase is Phase.WATCHED:
        said.append((Event.CHANGE_DOCUMENTED, {"files": []}))
    works.write(record, *said)


def hand_off(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Tell those who take over after a change that went well."""
    said = _sent(works, record)
    roles = sorted({str(data["role"]) for data in said})
    works.write(
        record, *((Event.NOTICE_SENT, data) for data in said), (Event.CHANGE_HANDED_OFF, {"roles": roles})
    )


def notify(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Tell those whom a change that did not go well concerns."""
    works.write(record, *((Event.NOTICE_SENT, data) for data in _sent(works, record)))


def close(works: Works, record: ChangeRecord, move: Move) -> None:
    """The last entry of a change."""
    if move.outcome is None:
        raise ValueError("A change is closed with an outcome.")
    works.write(record, (Event.CHANGE_CLOSED, {"outcome": move.outcome.value}))


def _sent(works: Works, record: ChangeRecord) -> list[dict[str, Any]]:
    from headgate.domain.hand_off import notices_of

    notices = notices_of(record)
    deliveries = [(notice, sent) for notice in notices for sent in works.notifier.notify(notice)]
    return [
        {
            "role": sent.role.value,
            "channel": sent.channel,
            "delivered": sent.delivered,
            "subject": notice.subject,
            "what": sent.what,
        }
        for notice, sent in deliveries
    ]
