"""Listens to the trace events of every Worker that wants to be observed, and keeps them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
import time
import uuid
from typing import TYPE_CHECKING

from localedge.analytics.telemetry.events import telemetry
from localedge.analytics.telemetry.settings import read_observability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localedge.analytics.telemetry.events import Event
    from localedge.analytics.telemetry.settings import Observability
    from localedge.analytics.telemetry.table import TelemetryTable
    from localedge.runtime import Runtime
    from localedge.state.workers import WorkerTable

LOOK_EVERY_SECONDS = 0.5
TIDY_EVERY_SECONDS = 30.0

log = logging.getLogger(__name__)


class Observer:
    """Versions of an observed Worker are traced for as long as it is."""

    def __init__(self, runtime: Runtime, workers: WorkerTable, table: TelemetryTable) -> None:
        self._runtime = runtime
        self._workers = workers
        self._table = table
        self._listening: dict[str, tuple[Observability, asyncio.Task[None]]] = {}
        self._random = random.SystemRandom()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Observe until the end of the block."""
        await self._look()
        task = asyncio.create_task(self._run(), name="observe Workers")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            await self._leave(list(self._listening))

    async def _run(self) -> None:
        tidied = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self._look()
                if time.monotonic() - tidied > TIDY_EVERY_SECONDS:
                    self._table.tidy(int(time.time() * 1000))
                    tidied = time.monotonic()
            except sqlite3.Error as error:
                log.warning("what Workers log is not looked after: %s", error)

    async def _look(self) -> None:
        """Bring the listening to what the Workers' settings say now."""
        read = {script.name: read_observability(script.settings) for script in self._workers.scripts()}
        wanted = {name: asked for name, asked in read.items() if asked is not None}
        listening = {name: asked for name, (asked, _) in self._listening.items()}
        await self._leave([name for name, asked in listening.items() if wanted.get(name) != asked])
        for name, asked in wanted.items():
            if name not in self._listening:
                task = asyncio.create_task(self._listen(name, asked), name=f"observe {name}")
                self._listening[name] = (asked, task)
        await asyncio.sleep(0)  # so that whoever starts a version now knows that it is listened to

    async def _leave(self, scripts: list[str]) -> None:
        tasks = [self._listening.pop(script)[1] for script in scripts]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, script: str, asked: Observability) -> None:
        with self._runtime.tail(script) as traces:
            while True:
                trace = await traces.get()
                if self._random.random() < asked.rate:
                    self._keep(trace, asked)

    def _keep(self, trace: Event, asked: Observability) -> None:
        try:
            events = telemetry(trace, uuid.uuid4().hex, invocation=asked.invocations)
            self._table.add(events, 1 / asked.rate)
        except (sqlite3.Error, LookupError, TypeError, ValueError) as error:
            # An event in a form that this does not know, or a full disk: the next one may be kept again.
            log.warning("an event of %s is not kept: %r", trace.get("scriptName"), error)
