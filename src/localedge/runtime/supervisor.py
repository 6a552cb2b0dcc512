"""Keeps one process up: when it ends by itself it is started again, later each time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.runtime.child import STOP_SECONDS, Child
from localedge.runtime.errors import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from localedge.runtime.child import Command

BACKOFF_SECONDS = (0.0, 0.05, 0.2, 1.0, 5.0)
STEADY_SECONDS = 10.0
"""Up for so long, a process is taken to be well, and the next restart is at once again."""
NOTICE_SECONDS = 0.1
"""Its connections break off so long, at most, before a process's end is noticed."""
STALE_SECONDS = 0.5
"""So long after it a call may still be sent on a connection of the process that has ended."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """For `status`: `state` is `running`, `restarting` or `finishing`; `pid` is None while it restarts."""

    name: str
    pid: int | None
    state: str
    restarts: int = 0
    """How often it was started again since it was wanted."""


class Supervised:
    """A process that is up from `start` to `stop`."""

    def __init__(self, command: Command, prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is called before every start, to write the configuration."""
        self._command = command
        self._prepare = prepare
        self._child: Child | None = None
        self._watch: asyncio.Task[None] | None = None
        self._restarts = 0
        self._began = 0.0
        self._lost = 0.0
        self._is_stopping = False

    @property
    def status(self) -> ProcessStatus:
        if self._child is None:
            return ProcessStatus(self._command.name, None, "restarting", self._restarts)
        return ProcessStatus(self._command.name, self._child.pid, "running", self._restarts)

    async def start(self) -> float:
        """Start it; the time in ms until it listened. `ProcessFailed` if it does not the first time."""
        self._began = time.time()
        self._prepare()
        self._child = await Child.start(self._command)
        self._watch = asyncio.create_task(self._keep_up(self._child), name=f"watch {self._command.name}")
        return self._child.startup_ms

    async def stop(self, *, within_seconds: float = STOP_SECONDS) -> None:
        """Stop it for good."""
        self._is_stopping = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        if self._child is not None:
            await self._child.stop(within_seconds=within_seconds)

    async def kill(self) -> None:
        """End it as it is; it is started again."""
        if self._child is not None:
            await self._child.kill()

    async def has_ended(self, since: float) -> bool:
        """Whether the process that was up at a time (seconds since 1970) is up no longer.

        Waits for an end that is just happening.
        """
        child = self._child
        if child is None or self._is_stopping or since < max(self._began, self._lost + STALE_SECONDS):
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NOTICE_SECONDS):
                await child.ended()
        return child.has_ended

    def bound_log(self) -> None:
        self._command.log.bound()

    async def _keep_up(self, child: Child) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            status = await child.ended()
            self._child = None
            self._lost = time.time()
            log.warning("process %s ended with status %s; starting it again", self._command.name, status)
            if time.monotonic() - began > STEADY_SECONDS:
                failures = 0
            child, failures = await self._started_again(failures)
            self._child = child
            self._restarts += 1

    async def _started_again(self, failures: int) -> tuple[Child, int]:
        """A new process, and how often in a row it has failed by now, its last end included."""
        while True:
            await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
            failures += 1
            try:
                self._prepare()
                return await Child.start(self._command), failures
            except (ProcessFailed, OSError) as error:
                log.warning("%s", error)
