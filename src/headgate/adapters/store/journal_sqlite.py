"""The journal in one SQLite file: append-only, hash-chained, safe for several processes at once."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from headgate.adapters.store.journal_errors import explained
from headgate.adapters.store.journal_schema import prepare
from headgate.domain.errors import JournalBroken
from headgate.domain.journal import BY_HAND, GENESIS, Draft, Entry, Event, canonical, seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from headgate.ports import Clock

_COLUMNS = "seq, at, event, change_id, subject, actor, data, previous, hash"
_PAGE = 500
_BEFORE_ALL = -(2**63)
"""Below any number an entry can have, also one that somebody changed."""


class SqliteJournal:
    """The Journal port on a file; the folder is made if it is not there.

    One object may be used by several threads; each process has its own.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_timeout_seconds: float = 10.0) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=busy_timeout_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                prepare(self._db, path)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Let go of the file. The journal cannot be used after."""
        with self._lock, explained(self._path):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, *drafts: Draft) -> tuple[Entry, ...]:
        plain = [_in_json_values(draft) for draft in drafts]
        with self._writing():
            seq, at, previous = self._newest()
            at = max(at, _timestamp(self._clock))
            entries: list[Entry] = []
            for draft in plain:
                entry = seal(draft, seq=seq + 1, at=at, previous=previous)
                self._insert(entry)
                entries.append(entry)
                seq, previous = entry.seq, entry.hash
        return tuple(entries)

    def of_change(self, change_id: str) -> tuple[Entry, ...]:
        return self._select("WHERE change_id = ? ORDER BY seq", change_id)

    def after(self, seq: int, *, change_id: str, limit: int = 1000) -> tuple[Entry, ...]:
        return self._select("WHERE change_id = ? AND seq > ? ORDER BY seq LIMIT ?", change_id, seq, limit)

    def last(self, subject: str, event: str) -> Entry | None:
        found = self.recent(subject, event, limit=1)
        return found[0] if found else None

    def recent(self, subject: str, event: str, *, limit: int = 20) -> tuple[Entry, ...]:
        if not subject:
            return self._select("WHERE event = ? ORDER BY seq DESC LIMIT ?", str(event), limit)
        where = "WHERE subject = ? AND event = ? ORDER BY seq DESC LIMIT ?"
        return self._select(where, subject, str(event), limit)

    def open_changes(self) -> tuple[str, ...]:
        rows = self._rows("SELECT change_id FROM open_changes ORDER BY seq")
        return tuple(row[0] for row in rows)

    def everything(self) -> Iterator[Entry]:
        # By pages, so that a long journal neither fills the memory nor holds up whoever writes.
        seq = _BEFORE_ALL
        while True:
            page = self._select("WHERE seq > ? ORDER BY seq LIMIT ?", seq, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            seq = page[-1].seq

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile: the last hash stays the last."""
        with self._lock, explained(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                # Still open only where something failed, the COMMIT included.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _newest(self) -> tuple[int, str, str]:
        row = self._db.execute("SELECT seq, at, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1], row[2]) if row else (0, "", GENESIS)

    def _insert(self, entry: Entry) -> None:
        self._db.execute(
            f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (a constant)
            (
                entry.seq,
                entry.at,
                entry.event.value,
                entry.change_id,
                entry.subject,
                entry.actor,
                canonical(entry.data),
                entry.previous,
                entry.hash,
            ),
        )
        if entry.event is Event.CHANGE_PROPOSED:
            self._db.execute("INSERT OR IGNORE INTO open_changes VALUES (?, ?)", (entry.change_id, entry.seq))
        elif entry.event is Event.CHANGE_CLOSED:
            self._db.execute("DELETE FROM open_changes WHERE change_id = ?", (entry.change_id,))

    def _select(self, where: str, *values: str | int) -> tuple[Entry, ...]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM entries {where}", *values)  # noqa: S608 (constants)
        return tuple(_entry(row) for row in rows)

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock, explained(self._path):
            return self._db.execute(query, values).fetchall()


def _in_json_values(draft: Draft) -> Draft:
    """The draft as it will be read back: tuples become lists, every mapping a dict."""
    data = json.loads(canonical(dict(draft.data)))
    return Draft(Event(draft.event), draft.change_id, draft.subject, draft.actor, data)


def _timestamp(clock: Clock) -> str:
    return clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(row: tuple[Any, ...]) -> Entry:
    seq, at, event, change_id, subject, actor, data, previous, checksum = row
    try:
        _check_text(*row[1:])
        return Entry(seq, at, Event(event), change_id, subject, actor, _data(data), previous, checksum)
    except (ValueError, RecursionError) as error:
        raise JournalBroken(
            f"Entry {seq} of the journal is not what was written: {error}.",
            remedy=f"Restore the journal from a copy and find out who wrote to it. {BY_HAND}",
        ) from error


def _check_text(*values: object) -> None:
    # A column of SQLite takes bytes and numbers too, if somebody puts them there.
    if not all(isinstance(value, str) for value in values):
        raise ValueError("it holds something other than text")


def _data(text: str) -> Mapping[str, Any]:
    """Read an entry's data. Raises ValueError where the text is not the one that `canonical` makes."""
    data: dict[str, Any] = json.loads(text)
    if canonical(data) != text:
        raise ValueError("its data was written by something else")
    return data
