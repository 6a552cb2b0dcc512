"""Processes that serve no longer but may still be at work in the background, as after `ctx.waitUntil`.

The platform grants such work 30 seconds. A version that is wanted again meanwhile is there at once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from localedge.runtime.child import STOP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from localedge.runtime.version import VersionProcess

    End = Callable[[VersionProcess, float], Awaitable[None]]

LINGER_SECONDS = 30.0
FINISH_SECONDS = 10.0
"""Then answers that are still being sent, and WebSockets, have so long to end."""
FADING_MAX = 16


class _Entry(NamedTuple):
    version: VersionProcess
    task: asyncio.Task[None]


class Fading:
    """`end` stops a process for good, giving it so many seconds to finish."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._lingering: dict[int, _Entry] = {}
        self._ending: dict[int, _Entry] = {}

    @property
    def versions(self) -> list[VersionProcess]:
        return [entry.version for entry in (*self._lingering.values(), *self._ending.values())]

    def add(self, version: VersionProcess) -> None:
        """Stop a process without new requests after a while; the oldest at once when there are too many."""
        self._lingering[version.slot] = _Entry(version, asyncio.create_task(self._linger(version)))
        if len(self._lingering) > FADING_MAX:
            oldest = next(iter(self._lingering.values()))
            oldest.task.cancel()
            self._begin_to_end(oldest.version)

    def take_back(self, version_id: str) -> VersionProcess | None:
        """The version's process, to serve again, if it is still here."""
        for entry in reversed(self._lingering.values()):
            if entry.version.spec.version_id == version_id:
                entry.task.cancel()
                del self._lingering[entry.version.slot]
                return entry.version
        return None

    async def stop(self) -> None:
        """Stop all of them soon."""
        entries = [*self._lingering.values(), *self._ending.values()]
        for entry in entries:
            entry.task.cancel()
        await asyncio.gather(*(entry.task for entry in entries), return_exceptions=True)
        await asyncio.gather(*(self._end(entry.version, STOP_SECONDS) for entry in entries))
        self._lingering.clear()
        self._ending.clear()

    async def _linger(self, version: VersionProcess) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        self._begin_to_end(version)

    def _begin_to_end(self, version: VersionProcess) -> None:
        del self._lingering[version.slot]
        self._ending[version.slot] = _Entry(version, asyncio.create_task(self._finish(version)))

    async def _finish(self, version: VersionProcess) -> None:
        await self._end(version, FINISH_SECONDS)
        self._ending.pop(version.slot, None)
