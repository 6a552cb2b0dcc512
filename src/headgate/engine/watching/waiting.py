"""Waiting for the next look, and hearing what a person asks for meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Event

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works

LOOK_SECONDS = 0.2
"""How often a waiting watch looks whether somebody asked for something."""
REQUESTS = (Event.ABORT_REQUESTED, Event.PROMOTE_REQUESTED, Event.HOLD_REQUESTED, Event.RETRY_REQUESTED)


def waited(works: Works, record: ChangeRecord, until: float) -> bool:
    """Wait until that moment of the clock that does not jump; False if a person asked for something."""
    clock = works.tools.clock
    while (left := until - clock.monotonic()) > 0:
        clock.sleep(min(left, LOOK_SECONDS))
        if _is_asked(works, record):
            return False
    return True


def _is_asked(works: Works, record: ChangeRecord) -> bool:
    journal, change = works.tools.journal, record.change
    wanted = REQUESTS if record.watch["can_undo"] else REQUESTS[1:]
    newest = (journal.last(str(change.target), event) for event in wanted)
    return any(
        entry is not None and entry.change_id == change.id and entry.seq > record.heard_seq
        for entry in newest
    )
