"""Asking a person about what only a person can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.asking import questions
from headgate.domain.journal import Event

if TYPE_CHECKING:
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works


def ask(works: Works, record: ChangeRecord, move: Move) -> None:
    """Tell the roles that it concerns, once a watch and question."""
    sent = [
        delivery
        for notice in questions(record, move.about, move.why)
        for delivery in works.notifier.notify(notice)
    ]
    told = [
        {"role": one.role.value, "channel": one.channel, "delivered": one.delivered, "what": one.what}
        for one in sent
    ]
    said = {"stage": move.step, "about": move.about, "why": move.why, "told": told}
    works.write(record, (Event.PERSON_ASKED, said))
