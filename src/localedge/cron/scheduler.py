"""Runs `scheduled()` when its time has come. A minute that the machine slept through is not made up for."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from localedge.cron.expression import parse
from localedge.runtime import EventBroken, NothingServes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from localedge.cron.table import Schedule, ScheduleTable

Run: TypeAlias = "Callable[[str, str, int], Awaitable[tuple[str, str]]]"
"""Runs a Worker's handler: its name, the expression, the time; the version that ran, and its outcome."""

MINUTE_MS = 60_000
RUNS_KEPT = 1000
AT_ONCE_MAX = 100
TROUBLE_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CronRun:
    """One run that has ended. `version_id` is empty when there was no version to run."""

    script: str
    cron: str
    scheduled_ms: int
    version_id: str
    outcome: str
    took_ms: float


class Scheduler:
    """Looks at every full minute, between `running`'s begin and end; `fire` runs one at any time."""

    def __init__(self, table: ScheduleTable, run: Run) -> None:
        self._table = table
        self._run = run
        self._runs: deque[CronRun] = deque(maxlen=RUNS_KEPT)
        self._under_way: set[asyncio.Task[CronRun]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._every_minute(), name="cron")
        try:
            yield
        finally:
            tasks = [task, *self._under_way]
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def runs(self, script: str) -> list[CronRun]:
        """The Worker's last runs, newest first."""
        return [run for run in reversed(self._runs) if run.script == script]

    async def settled(self) -> None:
        """Until all that was begun has ended."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    async def fire(self, script: str, cron: str, scheduled_ms: int) -> CronRun:
        """Run a Worker's handler now."""
        began = time.perf_counter()
        try:
            version_id, outcome = await self._run(script, cron, scheduled_ms)
        except NothingServes:
            version_id, outcome = "", "notServed"
        except EventBroken as error:
            log.warning("Worker %s broke the run of %r off: %s", script, cron, error)
            version_id, outcome = "", "brokenOff"
        took_ms = (time.perf_counter() - began) * 1000
        done = CronRun(script, cron, scheduled_ms, version_id, outcome, took_ms)
        self._runs.append(done)
        return done

    def begin_due(self, now_ms: int) -> None:
        """Begin all that is due in the minute of this time and has not run in it."""
        minute_ms = now_ms - now_ms % MINUTE_MS
        minute = datetime.datetime.fromtimestamp(minute_ms / 1000, datetime.UTC)
        due = [
            schedule
            for schedule in self._table.all()
            if schedule.ran_ms < minute_ms and parse(schedule.cron).matches(minute)
        ]
        self._table.ran(due, minute_ms)
        for schedule in due:
            self._begin(schedule, minute_ms)

    def _begin(self, schedule: Schedule, minute_ms: int) -> None:
        if len(self._under_way) >= AT_ONCE_MAX:
            log.warning("%d runs are under way; %r is left out", AT_ONCE_MAX, schedule.cron)
            return
        task = asyncio.create_task(self.fire(schedule.script, schedule.cron, minute_ms))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _every_minute(self) -> None:
        """The first look is at the next full minute, so that a start in a minute runs nothing late."""
        while True:
            now_ms = time.time_ns() // 1_000_000
            await asyncio.sleep((MINUTE_MS - now_ms % MINUTE_MS) / 1000)
            try:
                self.begin_due(time.time_ns() // 1_000_000)
            except sqlite3.Error:
                log.exception("the schedules cannot be read; trying again in the next minute")
                await asyncio.sleep(TROUBLE_SECONDS)
