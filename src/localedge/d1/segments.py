"""A stretch of a database's history in one file: the whole database, then the pages that each commit changed.

A commit is one or more chunks of pages, the last one marked. What a killed process left half written at the
end is cut off when the file is opened.
"""

from __future__ import annotations

import contextlib
import itertools
import struct
import zlib
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from localedge.d1.wal import PAGE_BYTES, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

MAGIC = b"HGD1"
HEAD = struct.Struct(">4sBQQII8sII")
PAGE_HEAD = struct.Struct(">I")
PART, LAST, EMPTIED = 0, 1, 2
"""A part of a commit; its last part; no commit, but word that SQLite's log is empty from here on."""

CHUNK_PAGES = 1024
CHUNK_BYTES_MAX = 2 * CHUNK_PAGES * (PAGE_BYTES + PAGE_HEAD.size)
NO_SALT = bytes(8)

Page = tuple[int, bytes]


class HistoryDamaged(Exception):
    """A file of the history does not hold what was written to it."""


class _Head(NamedTuple):
    magic: bytes
    kind: int
    number: int
    time_us: int
    size_pages: int
    frames: int
    salt: bytes
    payload_bytes: int
    crc: int

    @property
    def position(self) -> Position:
        return Position(None if self.salt == NO_SALT else self.salt, self.frames)


class Segment:
    """Commits `first` to `last`, numbered one after the other; the first is the whole database."""

    def __init__(self, path: Path) -> None:
        """The file's name is the number of its first commit."""
        self.path = path
        self.first = int(path.stem)
        self.position = Position(None, 0)
        self.bytes = 0
        self._times_us = array("Q")
        self._ends = array("Q")

    @classmethod
    def opened(cls, path: Path) -> Segment:
        """One that is there already."""
        segment = cls(path)
        with path.open("r+b") as file:
            for head, _ in _chunks(file, checked=False):
                segment._note(head, file.tell())
            file.truncate(segment.bytes)
        return segment

    @property
    def last(self) -> int:
        return self.first + len(self._ends) - 1

    @property
    def image_bytes(self) -> int:
        """What the first commit takes, compressed."""
        return self._ends[0] if self._ends else 0

    def number_at(self, time_us: int) -> int | None:
        """The last commit at that time; None when the first one is later."""
        place = bisect_right(self._times_us, time_us)
        return self.first + place - 1 if place else None

    def time_us(self, number: int) -> int:
        return self._times_us[number - self.first]

    def append(self, pages: Iterable[Page], *, size_pages: int, time_us: int, position: Position) -> None:
        """One more commit."""
        told = _Head(MAGIC, PART, self.last + 1, time_us, size_pages, position.frames, _salt(position), 0, 0)
        with self._at_end() as file:
            for chunk, kind in _parts(pages):
                payload = _packed(chunk)
                told = told._replace(kind=kind, payload_bytes=len(payload), crc=zlib.crc32(payload))
                file.write(HEAD.pack(*told) + payload)
            end = file.tell()
        self._note(told, end)

    def note_emptied(self) -> None:
        """SQLite's log is empty from here on."""
        head = _Head(MAGIC, EMPTIED, self.last, 0, 0, 0, NO_SALT, 0, 0)
        with self._at_end() as file:
            file.write(HEAD.pack(*head))
            end = file.tell()
        self._note(head, end)

    def write_database(self, number: int, target: Path) -> None:
        """The whole database as it was after a commit; `HistoryDamaged` when it cannot be told."""
        size_pages = 0
        with self.path.open("rb") as file, target.open("wb") as database:
            for head, payload in _chunks(file, checked=True):
                if head.kind == EMPTIED:
                    continue
                for page, content in _unpacked(payload):
                    database.seek((page - 1) * PAGE_BYTES)
                    database.write(content)
                size_pages = head.size_pages
                if head.kind == LAST and head.number == number:
                    break
            else:
                message = f"{self.path.name} does not hold commit {number} whole"
                raise HistoryDamaged(message)
            database.truncate(size_pages * PAGE_BYTES)

    @contextlib.contextmanager
    def _at_end(self) -> Iterator[BinaryIO]:
        """The file, to write behind the last commit, over what a write that failed has left."""
        self.path.touch(mode=0o600)
        with self.path.open("r+b") as file:
            file.seek(self.bytes)
            yield file
            file.truncate()

    def _note(self, head: _Head, end: int) -> None:
        if head.kind == PART:
            return
        if head.kind == LAST:
            self._times_us.append(head.time_us)
            self._ends.append(end)
        self.position, self.bytes = head.position, end


def _salt(position: Position) -> bytes:
    return position.salt or NO_SALT


def _parts(pages: Iterable[Page]) -> Iterator[tuple[list[Page], int]]:
    """The pages by chunks, of which the last is marked; one without pages when there are none."""
    rest = iter(pages)
    chunk = list(itertools.islice(rest, CHUNK_PAGES))
    while following := list(itertools.islice(rest, CHUNK_PAGES)):
        yield chunk, PART
        chunk = following
    yield chunk, LAST


def _chunks(file: BinaryIO, *, checked: bool) -> Iterator[tuple[_Head, bytes]]:
    """Up to the first that is not whole. Payloads are read only when they are `checked`."""
    size = file.seek(0, 2)
    file.seek(0)
    while len(packed := file.read(HEAD.size)) == HEAD.size:
        head = _Head(*HEAD.unpack(packed))
        end = file.tell() + head.payload_bytes
        if head.magic != MAGIC or head.payload_bytes > CHUNK_BYTES_MAX or end > size:
            return
        payload = file.read(head.payload_bytes) if checked else b""
        if checked and zlib.crc32(payload) != head.crc:
            return
        file.seek(end)
        yield head, payload


def _packed(pages: Sequence[Page]) -> bytes:
    return zlib.compress(b"".join(PAGE_HEAD.pack(page) + content for page, content in pages), level=1)


def _unpacked(payload: bytes) -> Iterator[Page]:
    whole = memoryview(zlib.decompress(payload, bufsize=CHUNK_BYTES_MAX))
    for start in range(0, len(whole), PAGE_HEAD.size + PAGE_BYTES):
        (page,) = PAGE_HEAD.unpack_from(whole, start)
        content_start = start + PAGE_HEAD.size
        yield page, bytes(whole[content_start : content_start + PAGE_BYTES])
