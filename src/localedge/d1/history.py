"""Time Travel of one database: what its history is asked for, and how it is kept while queries run."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.d1.bookmarks import bookmark, number_of
from localedge.d1.refusals import malformed
from localedge.d1.segments import HistoryDamaged
from localedge.errors import CODE_INTERNAL, ApiError, Busy
from localedge.state.model import written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localedge.d1.recorder import Recorder
    from localedge.d1.segments import Segment
    from localedge.d1.store import D1Store

RENEWALS_MAX = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """`previous` leads back to what the restore replaced."""

    bookmark: str
    previous: str


class History:
    """The recorder of one database, asked by one at a time."""

    def __init__(self, database: str, recorder: Recorder, store: D1Store) -> None:
        self.database = database
        self._recorder = recorder
        self._timeline = recorder.timeline
        self._store = store
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        async with self._lock:
            await asyncio.to_thread(self._recorder.open)
            await self._renew()

    async def close(self) -> None:
        async with self._lock:
            await asyncio.to_thread(self._recorder.close)

    async def forget(self) -> None:
        """Close it, and remove all of it."""
        async with self._lock:
            await asyncio.to_thread(self._recorder.close)
            await asyncio.to_thread(self._timeline.remove)

    async def keep(self) -> None:
        """Note what Workers have written, and renew what is due."""
        if self._recorder.changed or self._recorder.due:
            await self.note()
        if self._recorder.due:
            async with self._lock:
                await self._renew()

    async def note(self) -> None:
        """Write down what was committed until now, with this time."""
        async with self._lock:
            await asyncio.to_thread(self._recorder.note)

    async def bookmark(self, at: datetime.datetime | None = None) -> str:
        """Of now, or of a time in the past."""
        async with self._lock:
            await self._catch_up()
            number = self._timeline.newest.last if at is None else self._number_at(at)
            return self._bookmark(number)

    async def restore(self, text: str) -> Restored:
        """Let the database be what it was at a bookmark. Queries wait meanwhile; Workers see it at once."""
        async with self._lock:
            await self._catch_up()
            number = self._number_of(text)
            segment = self._timeline.segment_of(number)
            assert segment is not None  # noqa: S101 - the bookmark was checked
            image = self._timeline.scratch("restore")
            try:
                await self._write(segment, number, image)
                async with self._paused():
                    await asyncio.to_thread(self._recorder.note)
                    before = self._timeline.newest.last
                    await asyncio.to_thread(self._recorder.replace, image)
            finally:
                image.unlink(missing_ok=True)
            previous = self._bookmark(before)
            await asyncio.to_thread(self._recorder.note)
            await self._renew()
            return Restored(text, previous)

    async def _write(self, segment: Segment, number: int, image: Path) -> None:
        try:
            await asyncio.to_thread(segment.write_database, number, image)
        except HistoryDamaged as damaged:
            message = f"this moment cannot be restored, the database is as it was: {damaged}"
            raise ApiError(CODE_INTERNAL, message) from damaged

    async def _catch_up(self) -> None:
        """Until the history holds all that was committed."""
        await asyncio.to_thread(self._recorder.note)
        for _ in range(RENEWALS_MAX):
            if self._recorder.whole:
                return
            await self._renew()
        message = f"the history of database {self.database} cannot be read now; try again in a moment"
        raise Busy(CODE_INTERNAL, message)

    async def _renew(self) -> None:
        async with self._paused():
            await asyncio.to_thread(self._recorder.renew)
        await asyncio.to_thread(self._recorder.settle)

    @contextlib.asynccontextmanager
    async def _paused(self) -> AsyncIterator[None]:
        """No query runs in the block. If the storage process died amid it, some may have, unseen."""
        lasted = False
        try:
            async with self._store.pause(self.database) as pause:
                yield
            lasted = pause.lasted
        finally:
            if not lasted:
                self._recorder.doubt()

    def _number_at(self, at: datetime.datetime) -> int:
        if at > datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1):
            raise malformed(f"the timestamp {written(at)} is in the future")
        number = self._timeline.number_at(int(at.timestamp() * 1_000_000))
        if number is None:
            raise malformed(f"the timestamp {written(at)} is before {self._oldest()}")
        return number

    def _number_of(self, text: str) -> int:
        number = number_of(text)
        if number is None:
            raise malformed(f"{text!r} is no bookmark")
        if number < self._timeline.oldest:
            raise malformed(f"the bookmark {text} is before {self._oldest()}")
        if self._timeline.segment_of(number) is None or self._bookmark(number) != text:
            raise malformed(f"the bookmark {text} is not of this database")
        return number

    def _oldest(self) -> str:
        """The first moment that can be restored, for people."""
        oldest = self._timeline.segments[0]
        time = datetime.datetime.fromtimestamp(oldest.time_us(oldest.first) / 1e6, datetime.UTC)
        return f"{written(time)}, the oldest moment that is kept of this database"

    def _bookmark(self, number: int) -> str:
        segment = self._timeline.segment_of(number)
        assert segment is not None  # noqa: S101 - numbers come from the timeline, or were checked
        return bookmark(self.database, number, segment.time_us(number))
