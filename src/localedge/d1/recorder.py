"""Watches one database file: every commit, through whichever door, is written to its history.

A read transaction stays open on the file, so that SQLite cannot begin its write-ahead log anew before the
commits in it were read. From time to time, while no query runs, the log is emptied and the transaction begun
again.

The calls block: they are made in a thread, one at a time.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

from localedge.d1.wal import PAGE_BYTES, LogChanged, LogReader, Position

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localedge.d1.segments import Page
    from localedge.d1.timeline import Timeline

LOG_BYTES_MAX = 4 * 1024 * 1024
BUSY_SECONDS = 10.0


class Recorder:
    """Open from `open` to `close`. `whole` is False while commits may be missing: then a new image is due."""

    def __init__(self, database: Path, timeline: Timeline) -> None:
        self.database = database
        self.timeline = timeline
        self.whole = False
        self._seen: tuple[int, int] = (0, 0)
        self._copy: Path | None = None
        self._connection: sqlite3.Connection | None = None
        self._reader: LogReader | None = None

    def open(self) -> None:
        """Begin to watch a file that is there, and note what was committed since the history's end."""
        self._connection = sqlite3.connect(
            self.database, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._pin()
        self._reader = LogReader(self.database)
        self.whole = self.timeline.segments != [] and self._goes_on()
        self._sealed.unlink(missing_ok=True)
        self.note()

    def close(self) -> None:
        """Stop watching. When nothing else has the file open, SQLite puts its log into it."""
        if self._connection is None or self._reader is None:
            return
        self.note()
        self._connection.close()
        self._reader.close()
        if self.whole and not self._reader.log.exists():
            self.timeline.newest.note_emptied()
            self._sealed.write_text(json.dumps(_stamp(self.database)))
        self._connection = self._reader = None

    @property
    def changed(self) -> bool:
        """Whether something may have been committed since the last `note`."""
        return self._opened[1].signature() != self._seen

    @property
    def due(self) -> bool:
        """Whether `renew` has something to do."""
        return not self.whole or self.timeline.image_due or self._opened[1].signature()[0] > LOG_BYTES_MAX

    def note(self) -> None:
        """Write down what was committed since the last time."""
        if not self.whole:
            return
        reader = self._opened[1]
        self._seen = reader.signature()
        try:
            for commit in reader.since(self.timeline.newest.position):
                pages = sorted(commit.pages.items())
                self.timeline.append(pages, size_pages=commit.size_pages, position=commit.position)
        except LogChanged:
            self.whole = False

    def renew(self) -> None:
        """While no query runs: empty the log, and copy the database when a new segment is due."""
        self.note()
        connection, reader = self._opened
        _end(connection)
        try:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                return
            if self.whole and not self.timeline.image_due:
                self.timeline.newest.note_emptied()
            else:
                self.whole = False
                self._copy = self.timeline.scratch("image")
                with contextlib.closing(sqlite3.connect(self._copy)) as target:
                    connection.backup(target)
        finally:
            self._pin()
            self._seen = reader.signature()

    def settle(self) -> None:
        """After `renew`, while queries run again: begin the new segment, if one was due."""
        if self._copy is not None:
            self.timeline.begin_segment(_pages(self._copy), self._copy.stat().st_size // PAGE_BYTES)
            self._copy.unlink()
            self._copy = None
            self.whole = True

    def doubt(self) -> None:
        """Queries may have run where none should have: something may be missing."""
        self.whole, self._copy = False, None

    def replace(self, image: Path) -> None:
        """While no query runs: let the database be this one, in one transaction that is still to be noted."""
        connection = self._opened[0]
        _end(connection)
        try:
            with contextlib.closing(sqlite3.connect(image)) as source:
                source.backup(connection)
        finally:
            self._pin()

    def _goes_on(self) -> bool:
        """Whether nothing was committed unseen since the end of the history."""
        reader, position = self._opened[1], self.timeline.newest.position
        end = reader.end()
        if position.salt is not None:
            return end.salt == position.salt and end.frames >= position.frames
        with contextlib.suppress(OSError, ValueError):
            return bool(json.loads(self._sealed.read_text()) == _stamp(self.database))
        return end != Position(None, 0)

    def _pin(self) -> None:
        if self._connection is not None:
            self._connection.execute("BEGIN")
            self._connection.execute("PRAGMA schema_version").fetchone()

    @property
    def _opened(self) -> tuple[sqlite3.Connection, LogReader]:
        if self._connection is None or self._reader is None:
            message = "the history is not open"
            raise RuntimeError(message)
        return self._connection, self._reader

    @property
    def _sealed(self) -> Path:
        """Written when the edge stops in order: what the file is like, to know it at the next start."""
        return self.timeline.folder / "sealed.json"


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _stamp(database: Path) -> list[int]:
    found = database.stat()
    return [found.st_size, found.st_mtime_ns]


def _pages(database: Path) -> Iterator[Page]:
    with database.open("rb") as file:
        number = 1
        while page := file.read(PAGE_BYTES):
            yield number, page
            number += 1
