"""Views as text, of changes told by the stories of the reports."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console

from headgate.domain.record import ChangeRecord, follow, record_of
from headgate.entrypoints.cli.views.ink import Ink
from headgate.entrypoints.cli.views.lines import lines_of
from headgate.entrypoints.cli.views.live import live
from headgate.entrypoints.cli.views.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headgate.domain.journal import Entry


def after(record: ChangeRecord, seconds: float = 1.0) -> datetime:
    """A moment after the last thing that happened."""
    return datetime.fromisoformat(record.last_at).astimezone(UTC) + timedelta(seconds=seconds)


def drawn(record: ChangeRecord, *, width: int = 100, now: datetime | None = None) -> str:
    """The live view, without colours."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(live(record, now or after(record), width))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def told(entries: Iterable[Entry], *, calls: bool = False) -> str:
    """The plain lines."""
    record, lines = None, list[str]()
    for entry in entries:
        record = follow(record, entry)
        lines += lines_of(entry, record, calls=calls)
    return "\n".join(lines) + "\n"


def concluded(entries: Iterable[Entry]) -> str:
    """What is said at the end."""
    record = record_of(entries)
    return "\n".join(summary(record, now=after(record), ink=Ink())) + "\n"
