"""The histories of all databases: opened before the first Worker runs, closed after the last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from typing import TYPE_CHECKING

from localedge.d1.history import History
from localedge.d1.recorder import Recorder
from localedge.d1.timeline import Timeline
from localedge.d1.wiring import KIND, database_file
from localedge.errors import CODE_INTERNAL, ApiError, Busy
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from localedge.d1.store import D1Store

EVERY_SECONDS = 0.25
"""How often what Workers wrote is noted: the granularity of times, not of bookmarks."""

log = logging.getLogger(__name__)


class Histories:
    """A history for each database, by its id."""

    def __init__(self, data: Path, store: D1Store) -> None:
        """`data` is where the runtime keeps what is stored."""
        self._data = data
        self._store = store
        self._histories: dict[str, History] = {}

    @contextlib.asynccontextmanager
    async def kept(self, databases: Iterable[str]) -> AsyncIterator[None]:
        """Until the end of the block."""
        for database in databases:
            with self._told(database):
                await self.begin(database)
        task = asyncio.create_task(self._every_now_and_then(), name="d1 histories")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def close(self) -> None:
        """Note the last commits. The storage process has ended by then."""
        for history in self._histories.values():
            with contextlib.suppress(OSError, sqlite3.Error):
                await history.close()
        self._histories.clear()

    async def begin(self, database: str) -> None:
        """Open the history of a database, which is made if it is not there."""
        await self._store.facts(database)
        file = database_file(self._data / KIND, database)
        recorder = Recorder(file, Timeline(self._data / "d1-history" / database))
        history = History(database, recorder, self._store)
        await history.open()
        self._histories[database] = history

    async def forget(self, database: str) -> None:
        """Remove a database's content, and all of its history."""
        history = self._histories.pop(database, None)
        if history is not None:
            await history.forget()
        await self._store.drop(database)

    def of(self, database: str) -> History:
        """`Busy` while it is not open; the log says why."""
        history = self._histories.get(database)
        if history is None:
            message = f"the history of D1 database {database} could not be opened; the edge's log says why"
            raise Busy(CODE_INTERNAL, message)
        return history

    async def note(self, database: str) -> None:
        """Note what was committed. What cannot be noted now is so later: the commit is done, and stays so."""
        if history := self._histories.get(database):
            with self._told(database):
                await history.note()

    async def _every_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            for history in list(self._histories.values()):
                with self._told(history.database):
                    await history.keep()

    @contextlib.contextmanager
    def _told(self, database: str) -> Iterator[None]:
        """What keeps a history from being written must not keep the edge from its work."""
        try:
            yield
        except (StorageRefused, ApiError, OSError, sqlite3.Error) as error:
            log.warning("the history of D1 database %s waits: %s", database, error)
