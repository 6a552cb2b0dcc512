"""A command that only reads starts a process that takes up what was interrupted, and does not wait for it."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from headgate import bootstrap
from headgate.adapters.clock import SystemClock
from headgate.adapters.store.journal_sqlite import SqliteJournal
from headgate.domain.journal import Draft, Event
from headgate.entrypoints.cli.context import Context
from headgate.entrypoints.cli.main import parse, run
from tests.unit.config.project import SMALLEST, write
from tests.unit.report import stories

if TYPE_CHECKING:
    from pathlib import Path

WAIT_SECONDS_MAX = 60


def test_history_has_an_interrupted_change_taken_up_in_the_background(tmp_path: Path) -> None:
    write(tmp_path, SMALLEST)
    interrupt(tmp_path)
    context = Context(project=tmp_path, out=io.StringIO(), err=io.StringIO(), make_clock=SystemClock)

    assert run("history", parse("history", []), context) == 0

    log = tmp_path / ".headgate" / "resume.log"
    assert isinstance(context.err, io.StringIO)
    assert "The release c001 of shop/production was interrupted (proposed)." in context.err.getvalue()
    assert f"Taking it up in the background (see {log})." in context.err.getvalue()
    # There is no platform here, so it says so, and the change waits for the next command.
    assert "The local edge is not running." in written(log)
    assert bootstrap.application(tmp_path).interrupted() == ("c001",)


def interrupt(project: Path) -> None:
    """Leave a change that was proposed and went no further."""
    (project / ".headgate").mkdir()
    journal = SqliteJournal(project / ".headgate" / "journal.sqlite", SystemClock())
    change = stories.release()
    journal.append(
        Draft(Event.CHANGE_PROPOSED, change.id, str(change.target), str(change.author), change.as_json())
    )


def written(log: Path) -> str:
    """What the process in the background has written, as soon as it has told an error."""
    until = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < until:
        text = log.read_text() if log.exists() else ""
        if "headgate: " in text and text.endswith("\n"):
            return text
        time.sleep(0.1)
    return ""
