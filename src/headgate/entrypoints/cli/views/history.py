"""`headgate history`: the changes, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.record import Outcome
from headgate.domain.texts import one_line
from headgate.entrypoints.cli.views.reading import took_seconds
from headgate.entrypoints.cli.views.table import cut, table
from headgate.entrypoints.cli.views.words import age, duration, noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.views.ink import Ink

HEADER = ("CHANGE", "WHEN", "TO", "KIND", "BY", "TOOK", "OUTCOME", "REASON")

REASON_MAX = 200
"""Characters of a reason; the report has all of it."""


def history(records: Sequence[ChangeRecord], *, now: datetime, width: int, ink: Ink) -> list[str]:
    """A table, one line a change."""
    if not records:
        return ["No change was made yet. `headgate deploy` makes the first one."]
    header, *lines = table([HEADER, *(_row(record, now) for record in records)], width=width)
    return [
        ink.bold(header),
        *(_coloured(line, record, ink) for line, record in zip(lines, records, strict=True)),
    ]


def outcome(record: ChangeRecord) -> str:
    """How a change ended, or where it is: `rolled back by itself`, `running`."""
    if record.outcome is None:
        return f"open: {record.phase}"
    return f"{record.outcome} by itself" if record.automatic else record.outcome.value


def _row(record: ChangeRecord, now: datetime) -> tuple[str, ...]:
    change = record.change
    return (
        change.id,
        age(record.proposed_at, now),
        change.target.environment,
        noun(change),
        str(change.author),
        duration(took_seconds(record, now)),
        outcome(record),
        cut(one_line(change.reason), REASON_MAX),
    )


def _coloured(line: str, record: ChangeRecord, ink: Ink) -> str:
    colour = {Outcome.REJECTED: ink.warn, Outcome.ROLLED_BACK: ink.bad, None: ink.bold}.get(record.outcome)
    said = outcome(record)
    return line.replace(f"  {said}", f"  {colour(said)}", 1) if colour else line
