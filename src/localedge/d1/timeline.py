"""The history of one database: its commits, numbered and timed, in segments, oldest first, within bounds."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from localedge.d1.segments import Segment
from localedge.d1.wal import Position
from localedge.runtime.files import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from localedge.d1.segments import Page

KEPT_US = 30 * 24 * 3600 * 1_000_000
KEPT_BYTES = 512 * 1024 * 1024
KEPT_IMAGES = 4
"""A history takes up to `KEPT_BYTES`, or as much as so many images of its database if that is more."""

CHANGES_BYTES_MIN = 16 * 1024 * 1024
CHANGES_IMAGES = 2
COMMITS_MAX = 100_000
"""A segment is long enough when its changes take that much, or so often its image, or are so many commits."""


class Timeline:
    """Commits from `oldest` to `newest.last`. One that was never written has no segments."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder)
        for left in folder.glob("*.tmp"):
            left.unlink()
        paths = sorted(folder.glob("*.segment"), key=lambda path: int(path.stem))
        self.segments = [segment for segment in map(Segment.opened, paths) if segment.last >= segment.first]

    @property
    def newest(self) -> Segment:
        return self.segments[-1]

    @property
    def oldest(self) -> int:
        return self.segments[0].first

    @property
    def image_due(self) -> bool:
        """Whether the newest segment is long enough."""
        if not self.segments:
            return True
        newest = self.newest
        changes = newest.bytes - newest.image_bytes
        enough = max(CHANGES_BYTES_MIN, CHANGES_IMAGES * newest.image_bytes)
        return changes > enough or newest.last - newest.first >= COMMITS_MAX

    def begin_segment(self, pages: Iterable[Page], size_pages: int) -> None:
        """A new segment with the whole database as it is now, which may be that of the last commit."""
        first = self.newest.last + 1 if self.segments else 1
        path = self.folder / f"{first}.segment"
        segment = Segment(path)
        path.unlink(missing_ok=True)
        segment.append(pages, size_pages=size_pages, time_us=self._now_us(), position=Position(None, 0))
        self.segments.append(segment)
        self._forget()

    def append(self, pages: Iterable[Page], *, size_pages: int, position: Position) -> None:
        """One more commit, at this time."""
        self.newest.append(pages, size_pages=size_pages, time_us=self._now_us(), position=position)

    def number_at(self, time_us: int) -> int | None:
        """The last commit at that time; None when it is no longer, or not yet, known."""
        for segment in reversed(self.segments):
            if (number := segment.number_at(time_us)) is not None:
                return number
        return None

    def segment_of(self, number: int) -> Segment | None:
        """The segment that can tell what the database was after that commit."""
        for segment in self.segments:
            if segment.first <= number <= segment.last:
                return segment
        return None

    def scratch(self, name: str) -> Path:
        """A file that is gone at the next start."""
        path = self.folder / f"{name}.tmp"
        path.unlink(missing_ok=True)
        return path

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _now_us(self) -> int:
        """Never before the last commit: a clock that was set back must not put times out of order."""
        last = self.newest.time_us(self.newest.last) if self.segments else 0
        return max(time.time_ns() // 1000, last)

    def _forget(self) -> None:
        """Drop the oldest segments: all of whose commits are too old, or for which there is no room."""
        bytes_max = max(KEPT_BYTES, KEPT_IMAGES * self.newest.image_bytes)
        while len(self.segments) > 1:
            followed_at_us = self.segments[1].time_us(self.segments[1].first)
            old = followed_at_us < self._now_us() - KEPT_US
            if not old and sum(segment.bytes for segment in self.segments) <= bytes_max:
                return
            self.segments.pop(0).path.unlink(missing_ok=True)
