"""The content of D1 databases, as the control plane reads and writes it: the same that the Workers see."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from localedge.d1.refusals import database_reset, sql_refused
from localedge.d1.wiring import KIND
from localedge.runtime import watchdog
from localedge.runtime.door import StorageBroken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from localedge.runtime.door import StorageDoor


class Statement(NamedTuple):
    """One statement and the values of its `?`."""

    sql: str
    params: Sequence[Any] = ()


class Pause:
    """While it lasts no query runs. `lasted` is known afterwards: False when it ended before its time."""

    lasted = False


class D1Store:
    """Databases are named by their id, and are there once they are used.

    Every call raises `Invalid` in SQLite's words or when a query ran too long, or `StorageRefused` when no
    storage answers.
    """

    def __init__(self, door: StorageDoor) -> None:
        self._door = door
        self._pauses: dict[str, asyncio.Event] = {}

    async def query(
        self, database: str, wanted: Sequence[Statement], *, raw: bool = False
    ) -> list[dict[str, Any]]:
        """All or nothing. A result has `success`, `results` and `meta`; with `raw`, rows are lists."""
        queries = [{"sql": one.sql, "params": list(one.params)} for one in wanted]
        shape = "ROWS_AND_COLUMNS" if raw else "ARRAY_OF_OBJECTS"
        answer = await self._post(database, f"/query?resultsFormat={shape}", queries)
        if isinstance(answer, dict):
            raise sql_refused(str(answer.get("error")))
        results: list[dict[str, Any]] = answer
        return results

    async def ingest(self, database: str, wanted: Sequence[str]) -> dict[str, Any]:
        """Run the statements of a file, all or nothing; what it cost, and how large the database is now."""
        result: dict[str, Any] = await self._told(database, "/edge/ingest", list(wanted))
        return result

    async def dump(
        self, database: str, *, no_schema: bool = False, no_data: bool = False, tables: Sequence[str] = ()
    ) -> str:
        """The database as SQL text. One with virtual tables is refused, as on the platform."""
        options = {"no_schema": no_schema, "no_data": no_data, "tables": list(tables)}
        return str(await self._told(database, "/edge/dump", options))

    async def facts(self, database: str) -> dict[str, int]:
        """`file_size` in bytes and `num_tables`."""
        facts: dict[str, int] = await self._told(database, "/edge/facts", None)
        return facts

    async def drop(self, database: str) -> None:
        """Remove all content."""
        await self._door.ask(KIND, database, "POST", "/edge/drop")

    @contextlib.asynccontextmanager
    async def pause(self, database: str) -> AsyncIterator[Pause]:
        """Let the queries that run finish, and others wait until the end of the block, a minute at most."""
        pause, ended = Pause(), asyncio.Event()
        # Queries of the API wait here: there they would take the connections that end the pause.
        self._pauses[database] = ended
        try:
            async with self._paused(database, pause):
                yield pause
        finally:
            del self._pauses[database]
            ended.set()

    @contextlib.asynccontextmanager
    async def _paused(self, database: str, pause: Pause) -> AsyncIterator[None]:
        token = (await self._door.ask(KIND, database, "POST", "/edge/hold")).content
        try:
            yield
        finally:
            answer = await self._door.ask(KIND, database, "POST", "/edge/release", content=token)
            pause.lasted = bool(answer.json()["lasted"])

    async def _told(self, database: str, path: str, asked: object) -> Any:  # noqa: ANN401 - each path has its own
        answer = await self._post(database, path, asked)
        if not answer["success"]:
            raise sql_refused(str(answer["error"]))
        return answer["result"]

    async def _post(self, database: str, path: str, asked: object) -> Any:  # noqa: ANN401
        if ended := self._pauses.get(database):
            await ended.wait()
        content = json.dumps(asked).encode()
        try:
            return (await self._door.ask(KIND, database, "POST", path, content=content)).json()
        except StorageBroken as broken:
            if broken.after_seconds < watchdog.ANSWER_SECONDS:
                raise
            raise database_reset() from broken
