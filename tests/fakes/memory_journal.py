"""The journal in memory; it passes the same contract suite as the one on SQLite."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from headgate.domain.journal import GENESIS, Draft, Entry, Event, canonical, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headgate.ports import Clock


class MemoryJournal:
    """The Journal port on a list."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []

    def append(self, *drafts: Draft) -> tuple[Entry, ...]:
        now = self._clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        written = list(self._entries)
        at = max(now, written[-1].at) if written else now
        for draft in drafts:
            data = json.loads(canonical(dict(draft.data)))
            plain = Draft(Event(draft.event), draft.change_id, draft.subject, draft.actor, data)
            previous = written[-1].hash if written else GENESIS
            written.append(seal(plain, seq=len(written) + 1, at=at, previous=previous))
        new = written[len(self._entries) :]
        self._entries = written
        return tuple(new)

    def of_change(self, change_id: str) -> tuple[Entry, ...]:
        return self._where(lambda entry: entry.change_id == change_id)

    def after(self, seq: int, *, change_id: str, limit: int = 1000) -> tuple[Entry, ...]:
        return self._where(lambda entry: entry.change_id == change_id and entry.seq > seq)[:limit]

    def last(self, subject: str, event: str) -> Entry | None:
        found = self.recent(subject, event, limit=1)
        return found[0] if found else None

    def recent(self, subject: str, event: str, *, limit: int = 20) -> tuple[Entry, ...]:
        found = self._where(lambda entry: entry.event == event and subject in ("", entry.subject))
        return found[::-1][:limit]

    def open_changes(self) -> tuple[str, ...]:
        open_ones: dict[str, None] = {}
        for entry in self._entries:
            if entry.event is Event.CHANGE_PROPOSED:
                open_ones.setdefault(entry.change_id)
            elif entry.event is Event.CHANGE_CLOSED:
                open_ones.pop(entry.change_id, None)
        return tuple(open_ones)

    def everything(self) -> Iterator[Entry]:
        yield from tuple(self._entries)

    def _where(self, keep: Callable[[Entry], bool]) -> tuple[Entry, ...]:
        return tuple(entry for entry in self._entries if keep(entry))
