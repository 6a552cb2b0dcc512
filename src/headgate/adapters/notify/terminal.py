"""Notices on the terminal, or in the log of a CI job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from headgate.domain.role import Delivery, Notice
from headgate.domain.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

LINES_MAX = 20


def to_standard_error(line: str) -> None:
    """Standard output is left to what was asked for."""
    # Looked up now: a live view puts itself between while it is shown.
    print(line, file=sys.stderr, flush=True)  # noqa: T201


class TerminalNotifier:
    """The Notifier port on a function that writes one line."""

    def __init__(self, write: Callable[[str], None] = to_standard_error) -> None:
        self._write = write

    def notify(self, notice: Notice) -> tuple[Delivery, ...]:
        try:
            for line in _lines(notice):
                self._write(line)
        except (OSError, ValueError) as error:  # standard error is closed, or its reader is gone
            return (Delivery(notice.role, "terminal", delivered=False, what=str(error)),)
        return (Delivery(notice.role, "terminal", delivered=True),)


def _lines(notice: Notice) -> list[str]:
    text = [one_line(line) for line in notice.text.splitlines() if line.strip()]
    if len(text) > LINES_MAX:
        text[LINES_MAX:] = [f"and {len(text) - LINES_MAX} lines more, in the report"]
    return [f"→ {notice.role}: {one_line(notice.subject)}", *(f"    {line}" for line in text)]
