"""Changes that were interrupted: said before each command, and taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context


def take_up(context: Context) -> list[ChangeRecord]:
    """Carry every interrupted change to its end here; how each ended."""
    from headgate.entrypoints.cli.carrying import carried

    records = []
    for change_id in context.application.interrupted():
        context.note(f"{_told(context, change_id)} Taking it up.")
        records.append(carried(context, change_id, from_start=False))
    return records


def take_up_in_background(context: Context) -> None:
    """Start a `headgate resume` for interrupted changes, so that a command that reads need not wait.

    Should several be started at once, the lock on the folder lets one work.
    """
    interrupted = context.application.interrupted()
    if not interrupted:
        return
    from headgate.entrypoints.cli.background import resume_in_background

    log = resume_in_background(context)
    for change_id in interrupted:
        context.note(f"{_told(context, change_id)} Taking it up in the background (see {log}).")


def _told(context: Context, change_id: str) -> str:
    from headgate.entrypoints.cli.views.words import noun

    record = context.application.record(change_id)
    return (
        f"The {noun(record.change)} {change_id} of {record.change.target} was interrupted ({record.phase})."
    )
