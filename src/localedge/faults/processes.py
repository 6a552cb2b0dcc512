"""Processes that die when it is asked for: so often, or at every start until that is lifted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localedge.errors import CODE_MALFORMED, Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localedge.runtime.supervisor import ProcessStatus

LOOK_EVERY_SECONDS = 0.005
DOOMS_MAX = 50


@dataclass(slots=True)
class Doom:
    """Processes by the beginning of their names, and how often each is still to die; None for ever."""

    names: tuple[str, ...]
    times: int | None
    killed: set[int] = field(default_factory=set)

    @property
    def deaths(self) -> int:
        return len(self.killed)

    @property
    def over(self) -> bool:
        return self.times is not None and self.deaths >= self.times


class ProcessFaults:
    """Kills with SIGKILL, which no process can answer. What is killed is started again by its supervisor."""

    def __init__(self, processes: Callable[[], Iterable[ProcessStatus]]) -> None:
        self._processes = processes
        self._dooms: list[Doom] = []
        self._task: asyncio.Task[None] | None = None

    def kill(self, names: tuple[str, ...], times: int | None) -> list[int]:
        """Kill what runs under these names now, and what is started in its place until that was `times`.

        The ids of those that died at once. `Conflict` when nothing with that name is up.
        """
        if len(self._dooms) >= DOOMS_MAX:
            raise Invalid(CODE_MALFORMED, f"at most {DOOMS_MAX} faults of processes; lift some first")
        doom = Doom(names, times)
        if not any(_named(status, doom) for status in self._processes()):
            raise Conflict(CODE_MALFORMED, f"no process is called {' or '.join(names)}; GET /edge/processes")
        self._strike(doom)
        died = sorted(doom.killed)
        self._dooms = [*self._unfinished(), doom]
        if not doom.over and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._go_on(), name="faults of processes")
        return died

    def lift(self) -> None:
        """Let all of them live."""
        self._dooms = []

    def show(self) -> list[dict[str, object]]:
        return [
            {"names": list(doom.names), "times": doom.times, "deaths": doom.deaths} for doom in self._dooms
        ]

    def dooms(self, status: ProcessStatus) -> bool:
        """Whether a process dies, or is to die, by a fault."""
        return any(not doom.over and _named(status, doom) for doom in self._dooms)

    async def stop(self) -> None:
        """No more deaths: the edge stops."""
        self.lift()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _go_on(self) -> None:
        while unfinished := self._unfinished():
            for doom in unfinished:
                self._strike(doom)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _unfinished(self) -> list[Doom]:
        return [doom for doom in self._dooms if not doom.over]

    def _strike(self, doom: Doom) -> None:
        for status in self._processes():
            if doom.over:
                return
            if status.pid is not None and status.pid not in doom.killed and _named(status, doom):
                doom.killed.add(status.pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(status.pid, signal.SIGKILL)


def _named(status: ProcessStatus, doom: Doom) -> bool:
    return status.name.startswith(doom.names)
