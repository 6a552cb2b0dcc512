"""SQLite's write-ahead log, read from beside: which transactions were committed, and the pages they wrote.

The formats are published: https://www.sqlite.org/fileformat2.html#the_write_ahead_log and
https://www.sqlite.org/walformat.html#the_wal_index_file_format.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PAGE_BYTES = 4096
"""workerd's; it lets nobody change it."""

LOG_HEADER_BYTES = 32
FRAME = struct.Struct(">II8sII")
FRAME_BYTES = FRAME.size + PAGE_BYTES
INDEX = struct.Struct("=IIIBBHII8s8s8s")
READS_MAX = 100


class LogChanged(Exception):
    """The log does not go on where it was left: something was committed that was not seen."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log: so many frames of the log with this salt; None before a log has any."""

    salt: bytes | None
    frames: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A transaction: its pages by number from 1, the size of the database after it, and its place."""

    pages: Mapping[int, bytes]
    size_pages: int
    position: Position


class LogReader:
    """Reads the log of one database, while a connection of this process is open on it and keeps the index.

    The index stays open until `close`: to close a file releases all locks that the process has on it.
    """

    def __init__(self, database: Path) -> None:
        self.log = database.with_name(database.name + "-wal")
        self._index = os.open(database.with_name(database.name + "-shm"), os.O_RDONLY)

    def close(self) -> None:
        os.close(self._index)

    def signature(self) -> tuple[int, int]:
        """Changes whenever something is written."""
        try:
            found = self.log.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_size, found.st_mtime_ns)

    def end(self) -> Position:
        """Where the log ends now, by what was committed."""
        for _ in range(READS_MAX):
            first, second = (
                os.pread(self._index, INDEX.size, 0),
                os.pread(self._index, INDEX.size, INDEX.size),
            )
            if first == second and len(first) == INDEX.size:
                fields = INDEX.unpack(first)
                return Position(fields[9] if fields[6] else None, fields[6])
        message = "the index of the log is never whole"
        raise LogChanged(message)

    def since(self, position: Position) -> Iterator[Commit]:
        """What was committed after `position`, transaction by transaction."""
        end = self.end()
        if end == position:
            return
        if position.salt not in (None, end.salt) or end.frames < position.frames:
            message = "the log was begun anew"
            raise LogChanged(message)
        pages: dict[int, bytes] = {}
        with self.log.open("rb") as log:
            log.seek(LOG_HEADER_BYTES + position.frames * FRAME_BYTES)
            for number in range(position.frames + 1, end.frames + 1):
                page, size, salt, _, _ = FRAME.unpack(log.read(FRAME.size))
                if salt != end.salt:
                    message = f"frame {number} of the log is of another log"
                    raise LogChanged(message)
                pages[page] = log.read(PAGE_BYTES)
                if size:
                    yield Commit(pages, size, Position(salt, number))
                    pages = {}
