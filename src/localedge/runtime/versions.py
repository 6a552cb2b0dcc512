"""All versions that are up, and the table by which the router spreads requests over them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from localedge.runtime.child import STOP_SECONDS
from localedge.runtime.errors import VersionInUse, VersionNotUp
from localedge.runtime.version import VersionProcess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localedge.runtime.configs import Splits
    from localedge.runtime.places import Places
    from localedge.runtime.router import Router
    from localedge.runtime.slots import Slots
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.trace import Publish

DRAIN_SECONDS = 10.0
FINISH_SECONDS = 10.0
POLL_SECONDS = (0.0, 0.005, 0.01, 0.02, 0.05)


class Versions:
    """Starts, replaces and retires the versions' processes. A version is one process at a time."""

    def __init__(self, places: Places, slots: Slots, router: Router) -> None:
        self._places = places
        self._slots = slots
        self._router = router
        self._up: dict[str, VersionProcess] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._splits: Mapping[str, Mapping[str, float]] = {}
        self._table_lock = asyncio.Lock()

    @property
    def up(self) -> list[VersionProcess]:
        return list(self._up.values())

    def of(self, script: str) -> list[VersionProcess]:
        return [version for version in self._up.values() if version.spec.script == script]

    async def start(self, spec: VersionSpec, publish: Publish | None) -> float:
        """Bring a version up; the time its process took to start, also when it is up already."""
        async with self._lock(spec.version_id):
            if found := self._up.get(spec.version_id):
                return found.startup_ms
            version = await self._started(spec, publish)
            self._up[spec.version_id] = version
            return version.startup_ms

    async def retire(self, version_id: str) -> None:
        """Stop a version that is out of every split, once it has answered what it was asked."""
        async with self._lock(version_id):
            if any(version_id in split for split in self._splits.values()):
                raise VersionInUse(version_id)
            if version := self._up.pop(version_id, None):
                await self._drained(version)

    async def trace(self, version_id: str, publish: Publish | None) -> None:
        """Have a version's trace events published, or no longer: it gets a new process for that."""
        async with self._lock(version_id):
            before = self._up.get(version_id)
            if before is None or before.traced == (publish is not None):
                return
            self._up[version_id] = await self._started(before.spec, publish)
            await self._push(self._splits)
            await self._drained(before)

    async def set_splits(self, splits: Mapping[str, Mapping[str, float]]) -> None:
        """Route by these percentages, from now on."""
        for split in splits.values():
            for version_id in split:
                if version_id not in self._up:
                    raise VersionNotUp(version_id)
        await self._push({script: dict(split) for script, split in splits.items()})

    async def stop(self) -> None:
        """Stop all of them; no request comes any more."""
        stopping, self._up = self.up, {}
        await asyncio.gather(*(self._stopped(version, within_seconds=STOP_SECONDS) for version in stopping))

    def _lock(self, version_id: str) -> asyncio.Lock:
        """Held while a version starts, is replaced or stops."""
        return self._locks.setdefault(version_id, asyncio.Lock())

    async def _push(self, splits: Mapping[str, Mapping[str, float]]) -> None:
        async with self._table_lock:
            self._splits = splits
            await self._router.use(self._table())

    def _table(self) -> Splits:
        """Versions in the order of their ids, so that a sticky key moves only to where its share went."""
        return {
            script: [
                (version_id, self._up[version_id].slot, split[version_id]) for version_id in sorted(split)
            ]
            for script, split in self._splits.items()
            if split
        }

    async def _started(self, spec: VersionSpec, publish: Publish | None) -> VersionProcess:
        slot = self._slots.take()
        version = VersionProcess(spec, slot, self._slots.paths[slot], self._places, publish)
        try:
            await version.start()
        except BaseException:
            await self._stopped(version, within_seconds=0)
            raise
        return version

    async def _drained(self, version: VersionProcess) -> None:
        """Stop a process that gets no new requests, when none is in flight or time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle(version.slot)
        await self._stopped(version, within_seconds=FINISH_SECONDS)

    async def _idle(self, slot: int) -> None:
        waits = iter(POLL_SECONDS)
        while True:
            _, inflight = await self._router.report()
            if slot >= len(inflight) or not inflight[slot]:
                return
            await asyncio.sleep(next(waits, POLL_SECONDS[-1]))

    async def _stopped(self, version: VersionProcess, *, within_seconds: float) -> None:
        await version.stop(within_seconds=within_seconds)
        self._slots.give_back(version.slot)


def by_version(versions: Iterable[VersionProcess], inflight: list[int | None]) -> dict[str, int]:
    """Requests in flight, from slots to versions."""
    return {
        version.spec.version_id: inflight[version.slot] or 0
        for version in versions
        if version.slot < len(inflight)
    }
