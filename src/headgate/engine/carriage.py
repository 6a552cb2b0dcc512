"""How one change fares in this process: whether its workflow has begun, ended, or failed, and with what."""

from __future__ import annotations

import threading

from headgate.domain.errors import HeadgateError, JournalError

BEGIN_SECONDS_MAX = 30.0
"""A workflow that has not begun by then will not: its queue cannot be read or written."""


class Carriage:
    """Set by the workflow, waited for by whoever started it.

    What a workflow raises is handed over here, and not through the store of workflows: that one cannot be
    written when the disk is full, and makes another error of each that it keeps.
    """

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._ended = threading.Event()
        self._error: Exception | None = None

    def begin(self) -> None:
        """The workflow runs."""
        self._begun.set()

    def end(self, error: Exception | None = None) -> None:
        """The workflow has ended; only the first word counts."""
        if not self._ended.is_set():
            self._error = error
            self._ended.set()

    def wait(self) -> None:
        """Until it has ended. Raises what the workflow raised; JournalError if it never began."""
        if not self._begun.wait(BEGIN_SECONDS_MAX):
            raise _unwritable("it did not begin")
        self._ended.wait()
        if self._error is None:
            return
        if isinstance(self._error, HeadgateError):
            raise self._error
        if type(self._error).__module__.startswith(("sqlalchemy", "dbos")):
            raise _unwritable(str(self._error)) from self._error
        raise self._error


def _unwritable(what: str) -> JournalError:
    return JournalError(
        f"The state of the running change cannot be written: {what.splitlines()[0][:200]}.",
        where=".headgate/engine.sqlite",
        remedy="Make room on the disk; then `headgate resume` goes on with the change.",
    )
