"""Looks at the router's counters every second, and keeps what was added as rows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import Counter
from typing import TYPE_CHECKING

from localedge.analytics.cpu import VERSION, CpuSums, usage
from localedge.analytics.minutes import MinuteLog, grown
from localedge.analytics.rows import OUTCOMES, Row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from localedge.analytics.table import InvocationTable
    from localedge.runtime import Runtime, VersionCounters

EVERY_SECONDS = 1.0
TIDY_EVERY_SECONDS = 60.0
US = 1_000_000

log = logging.getLogger(__name__)


class Collector:
    """The only one that writes invocations. `minutes` is the last half hour, for who needs statuses."""

    def __init__(self, runtime: Runtime, table: InvocationTable) -> None:
        self._runtime = runtime
        self._table = table
        self.minutes = MinuteLog()
        self._seen: dict[str, VersionCounters] = {}
        self._cpu = CpuSums()
        self._cpu_told: dict[str, float] = {}
        self._lock = asyncio.Lock()

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time of each version since the edge started, as of now."""
        running = ((status.name, status.pid) for status in self._runtime.processes())
        seen = [
            (name.removeprefix(VERSION), pid, used.cpu_seconds)
            for name, pid in running
            if name.startswith(VERSION) and pid is not None and (used := usage(pid)) is not None
        ]
        self._cpu.note(seen)
        return self._cpu.seconds()

    async def sample(self) -> None:
        """Keep what happened since the last time. `ConnectionError` while the router is away."""
        async with self._lock:
            counters = await self._runtime.counters()
            cpu = self.cpu_seconds()
            at = int(time.time())
            grew = [now for now in counters if self._grew(now)]
            self.minutes.note(
                at,
                [(now.script, now.version_id, grown(self._seen.get(now.version_id), now)) for now in grew],
            )
            rows = [self._row(at, now, cpu) for now in grew]
            if rows:
                self._table.add(rows)
            self._seen = {now.version_id: now for now in counters}
            # A version's start is nobody's request, so its CPU time is told from here on.
            self._cpu_told = {name: self._cpu_told.get(name, seconds) for name, seconds in cpu.items()}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sample until the end of the block, and once more then."""
        task = asyncio.create_task(self._run(), name="collect invocations")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            with contextlib.suppress(ConnectionError, sqlite3.Error):
                await self.sample()

    async def _run(self) -> None:
        tidied = 0.0
        while True:
            try:
                await self.sample()
                if time.monotonic() - tidied > TIDY_EVERY_SECONDS:
                    self._table.tidy(int(time.time()))
                    tidied = time.monotonic()
            except (ConnectionError, sqlite3.Error) as error:
                log.warning("nothing was counted this time: %s", error)
            await asyncio.sleep(EVERY_SECONDS)

    def _grew(self, now: VersionCounters) -> bool:
        before = self._seen.get(now.version_id)
        return before is None or before.requests != now.requests or before.unanswered != now.unanswered

    def _row(self, at: int, now: VersionCounters, cpu: Mapping[str, float]) -> Row:
        version_id = now.version_id
        told = self._cpu_told.get(version_id, cpu.get(version_id, 0.0))
        used = max(0.0, cpu.get(version_id, 0.0) - told)
        self._cpu_told[version_id] = told + used
        return added(at, self._seen.get(version_id), now, cpu_us=round(used * US))


def added(at: int, before: VersionCounters | None, now: VersionCounters, *, cpu_us: int) -> Row:
    """What came to the counters. Those of a version that the router forgot meanwhile began at 0 again."""
    if before is not None and before.requests > now.requests:
        before = None
    outcomes, buckets = _outcomes(now), _buckets(now)
    sum_ms = now.latency.sum_ms
    if before is not None:
        outcomes -= _outcomes(before)
        buckets -= _buckets(before)
        sum_ms -= before.latency.sum_ms
    return Row(at, now.script, now.version_id, outcomes, buckets, max(0.0, sum_ms), cpu_us)


def _outcomes(counters: VersionCounters) -> Counter[str]:
    numbers = (counters.requests - counters.exceptions, counters.exceptions, counters.unanswered)
    return Counter({name: number for name, number in zip(OUTCOMES, numbers, strict=True) if number})


def _buckets(counters: VersionCounters) -> Counter[int]:
    counts = counters.latency.counts
    single = (count - before for count, before in zip(counts, (0, *counts), strict=False))
    return Counter({bucket: count for bucket, count in enumerate(single) if count})
