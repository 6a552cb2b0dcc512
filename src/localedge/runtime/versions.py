"""All versions that are up, and the table by which the router spreads requests over them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from localedge.runtime.child import STOP_SECONDS
from localedge.runtime.configs.version import WORKER, debug_socket
from localedge.runtime.errors import VersionInUse, VersionNotUp
from localedge.runtime.fading import Fading
from localedge.runtime.flags import Flags
from localedge.runtime.version import VersionProcess
from localedge.runtime.wiring import ASSETS_FRONT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from localedge.runtime.configs.router import Rows, Splits
    from localedge.runtime.events import EventsDoor
    from localedge.runtime.hosts.hosts import Hosts
    from localedge.runtime.places import Places
    from localedge.runtime.reach import Reach
    from localedge.runtime.router import Router
    from localedge.runtime.slots import Slots
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.trace import Publish
    from localedge.runtime.wiring import Products

DRAIN_SECONDS = 10.0
SERVICE = "service"
POLL_SECONDS = (0.0, 0.005, 0.01, 0.02, 0.05)

log = logging.getLogger(__name__)


class Versions:
    """Starts, replaces and retires the versions' processes. A version is one process at a time."""

    def __init__(
        self,
        places: Places,
        products: Products,
        slots: Slots,
        router: Router,
        *,
        hosts: Hosts,
        reach: Reach,
    ) -> None:
        self._places = places
        self._products = products
        self._slots = slots
        self._flags = Flags(places.tools.workerd)
        self._router = router
        self._hosts = hosts
        self._reach = reach
        self._up: dict[str, VersionProcess] = {}
        self._kept: set[str] = set()  # those that were started, not only shown
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._splits: dict[str, Mapping[str, float]] = {}
        self._table_lock = asyncio.Lock()
        self._fading = Fading(self._end)

    @property
    def up(self) -> list[VersionProcess]:
        return list(self._up.values())

    @property
    def fading(self) -> list[VersionProcess]:
        return self._fading.versions

    def of(self, script: str) -> list[VersionProcess]:
        return [version for version in self._up.values() if version.spec.script == script]

    def events(self, version_id: str) -> EventsDoor:
        """Where a version takes events; `VersionNotUp` when it has no process."""
        version = self._up.get(version_id)
        if version is None:
            raise VersionNotUp(version_id)
        return version.events

    async def start(self, spec: VersionSpec, publish: Publish | None) -> float:
        """Bring a version up; the time its process took to start, also when it is up already."""
        async with self._lock(spec.version_id):
            version = await self._brought_up(spec, publish)
            self._kept.add(spec.version_id)
            return version.startup_ms

    async def show(self, spec: VersionSpec, publish: Publish | None, label: str) -> bool:
        """Bring a version up for its preview address; whether it is up for that alone, and may sleep."""
        async with self._lock(spec.version_id):
            version = await self._brought_up(spec, publish)
            await self._router.preview(label, spec.script, spec.version_id, version.slot)
            return spec.version_id not in self._kept

    async def sleep(self, version_id: str) -> None:
        """Let a version fade that is up for its preview address alone."""
        async with self._lock(version_id):
            if version_id not in self._kept and (version := self._up.pop(version_id, None)):
                await self._leave(version)

    async def retire(self, version_id: str) -> None:
        """Let a version that is out of every split fade, once it has answered what it was asked."""
        async with self._lock(version_id):
            if any(version_id in split for split in self._splits.values()):
                raise VersionInUse(version_id)
            self._kept.discard(version_id)
            if version := self._up.pop(version_id, None):
                await self._leave(version)

    async def trace(self, version_id: str, publish: Publish | None) -> None:
        """Have a version's trace events published, or no longer: it gets a new process for that."""
        async with self._lock(version_id):
            before = self._up.get(version_id)
            if before is None or before.traced == (publish is not None):
                return
            self._up[version_id] = await self._started(before.spec, publish)
            await self._leave(before)

    async def disturb(self, version_id: str, disturbance: Mapping[str, Any] | None) -> None:
        """Have a version fail as the disturbance says, or no longer: it gets a new process for that.

        `VersionNotUp` when it has none now.
        """
        async with self._lock(version_id):
            before = self._up.get(version_id)
            if before is None:
                raise VersionNotUp(version_id)
            spec = dataclasses.replace(before.spec, disturbance=disturbance)
            self._up[version_id] = await self._started(spec, before.publish)
            await self._leave(before)

    async def set_splits(self, splits: Mapping[str, Mapping[str, float]]) -> None:
        """Route these Workers by these percentages, from now on; no versions, no service. Others stay."""
        for split in splits.values():
            for version_id in split:
                if version_id not in self._up:
                    raise VersionNotUp(version_id)
        await self._hosts.use(splits, {version_id: version.spec for version_id, version in self._up.items()})
        before = {script: self._splits.get(script, {}) for script in splits}
        self._splits.update({script: dict(split) for script, split in splits.items()})
        try:
            await self._push(splits.keys())
        except ConnectionError:
            self._splits.update(before)
            with contextlib.suppress(ConnectionError):
                await self._push(splits.keys())
            raise

    async def stop(self) -> None:
        """Stop all of them; no request comes any more."""
        stopping, self._up = self.up, {}
        ends = (self._end(version, STOP_SECONDS) for version in stopping)
        await asyncio.gather(*ends, self._fading.stop())

    def _lock(self, version_id: str) -> asyncio.Lock:
        """Held while a version starts, is replaced or stops."""
        return self._locks.setdefault(version_id, asyncio.Lock())

    async def _push(self, scripts: Collection[str]) -> None:
        """Have the router use the splits of these Workers as they are now."""
        async with self._table_lock:
            rows = {script: self._rows(script) for script in scripts}
            self._publish(rows)
            await self._router.use(rows)
            for script in scripts:
                if not self._splits.get(script):
                    self._splits.pop(script, None)

    def _publish(self, splits: Splits) -> None:
        """Have other Workers call these versions."""
        for script, versions in splits.items():
            if not versions:
                self._reach.withdraw(SERVICE, script)
                continue
            told = [
                {
                    "id": version_id,
                    "percentage": percentage,
                    "address": str(debug_socket(self._slots.paths[slot])),
                    "front": ASSETS_FRONT if self._up[version_id].spec.assets else WORKER,
                }
                for version_id, slot, percentage in versions
            ]
            self._reach.publish(SERVICE, script, {"versions": told})

    def _rows(self, script: str) -> Rows:
        """Versions in the order of their ids, so that a sticky key moves only to where its share went."""
        split = self._splits.get(script, {})
        return [(version_id, self._up[version_id].slot, split[version_id]) for version_id in sorted(split)]

    async def _brought_up(self, spec: VersionSpec, publish: Publish | None) -> VersionProcess:
        """The version's process, which may be up, may be fading, or may have to be started."""
        version = self._up.get(spec.version_id) or self._fading.take_back(spec.version_id)
        self._up[spec.version_id] = version or await self._started(spec, publish)
        return self._up[spec.version_id]

    async def _started(self, spec: VersionSpec, publish: Publish | None) -> VersionProcess:
        await self._flags.check(spec.compatibility_flags)
        slot = self._slots.take()
        version = VersionProcess(
            spec, slot, self._slots.paths[slot], self._places, self._products, publish=publish
        )
        try:
            await version.start()
        except BaseException:
            await self._end(version, 0)
            raise
        return version

    async def _leave(self, version: VersionProcess) -> None:
        """Let a process fade that is out of the table, when no request to it is in flight or time is up."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._push({version.spec.script})
                await self._router.forget_previews(version.spec.script)
                await self._idle(version)
        except (TimeoutError, ConnectionError) as error:
            log.warning("version %s leaves before it is idle: %s", version.spec.version_id, error)
        finally:
            self._fading.add(version)

    async def _idle(self, version: VersionProcess) -> None:
        waits = iter(POLL_SECONDS)
        while True:
            _, inflight = await self._router.report()
            requests = inflight[version.slot] if version.slot < len(inflight) else 0
            if not requests and not version.events.inflight:
                return
            await asyncio.sleep(next(waits, POLL_SECONDS[-1]))

    async def _end(self, version: VersionProcess, within_seconds: float) -> None:
        await version.stop(within_seconds=within_seconds)
        self._slots.give_back(version.slot)


def by_version(versions: Iterable[VersionProcess], inflight: list[int | None]) -> dict[str, int]:
    """Requests in flight, from slots to versions."""
    return {
        version.spec.version_id: inflight[version.slot] or 0
        for version in versions
        if version.slot < len(inflight)
    }
