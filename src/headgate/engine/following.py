"""Following one change as its journal grows, reading each entry once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.errors import NotFound
from headgate.domain.record import ChangeRecord, follow

if TYPE_CHECKING:
    from headgate.domain.journal import Entry
    from headgate.ports import Journal


class Following:
    """A change's record, kept up to date. Not for several threads at once."""

    def __init__(self, journal: Journal, change_id: str) -> None:
        self._journal = journal
        self._change_id = change_id
        self._seq = 0
        self._record: ChangeRecord | None = None

    def new_entries(self) -> tuple[Entry, ...]:
        """What was written since the last call, taken into the record."""
        entries = self._journal.after(self._seq, change_id=self._change_id)
        for entry in entries:
            self._record = follow(self._record, entry)
            self._seq = entry.seq
        return entries

    def record(self) -> ChangeRecord:
        """The record as of now. Raises NotFound if there is no such change."""
        while self.new_entries():
            pass
        if self._record is None:
            raise NotFound(
                f"There is no change {self._change_id}.",
                remedy="`headgate history` lists the changes.",
            )
        return self._record
