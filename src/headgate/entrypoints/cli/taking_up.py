"""Changes that were interrupted: said before each command, and taken up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.domain.errors import HeadgateError
from headgate.entrypoints.cli.carrying import carried
from headgate.entrypoints.cli.views.words import noun

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context


def take_up(context: Context) -> list[ChangeRecord]:
    """Carry every interrupted change to its end here; how each ended."""
    records = []
    for change_id in context.application.interrupted():
        context.note(f"{_told(context, change_id)} Taking it up.")
        records.append(carried(context, change_id))
    return records


def take_up_in_background(context: Context) -> None:
    """Start a `headgate resume` for interrupted changes, so that a command that reads need not wait.

    Should several be started at once, the lock on the folder lets one work.
    """
    interrupted = context.application.interrupted()
    if not interrupted:
        return
    log = _start(context)
    for change_id in interrupted:
        context.note(f"{_told(context, change_id)} Taking it up in the background (see {log}).")


def _told(context: Context, change_id: str) -> str:
    record = context.application.record(change_id)
    return (
        f"The {noun(record.change)} {change_id} of {record.change.target} was interrupted ({record.phase})."
    )


def _start(context: Context) -> Path:
    project = Path(context.settings.project)
    log = project / ".headgate" / "resume.log"
    command = [sys.executable, "-m", "headgate", "resume", "--project", str(project), "--no-color"]
    try:
        with log.open("ab") as output:
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=project,
                env={**os.environ, **context.environ},
                # Its own session: it goes on when the terminal is closed.
                start_new_session=True,
            )
    except OSError as error:
        raise HeadgateError(
            f"An interrupted change cannot be taken up: {error.strerror}.",
            where=str(log),
            remedy="Run `headgate resume` yourself.",
        ) from error
    return log
