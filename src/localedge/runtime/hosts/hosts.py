"""The object hosts of all Workers: replaced as a whole when a Worker's split changes.

While they are replaced, whoever calls an object waits. No object is ever in two processes: the old ones have
ended before the new ones start, and callers learn a new host's address only then.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.runtime.assignment import Shares, with_objects
from localedge.runtime.files import private_folder
from localedge.runtime.hosts.folders import forget_other, settle, stored_ids
from localedge.runtime.hosts.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from localedge.runtime.places import Places
    from localedge.runtime.reach import Reach
    from localedge.runtime.spec import ObjectClass, VersionSpec
    from localedge.runtime.supervisor import Supervised
    from localedge.runtime.trace import Publish
    from localedge.runtime.wiring import Products

KIND = "objects"
GRACE_SECONDS = 0.1
"""New calls wait already; those that have begun may end before their objects are stopped."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Set:
    """The hosts of one Worker."""

    shares: Shares
    specs: tuple[VersionSpec, ...]
    hosts: tuple[Host, ...]

    @property
    def classes(self) -> tuple[ObjectClass, ...]:
        """The same for all versions of a deployment: none can be from before a migration."""
        return self.specs[0].classes


class Hosts:
    """`use` makes the hosts what splits ask for."""

    def __init__(self, places: Places, products: Products, reach: Reach) -> None:
        self._places = places
        self._products = products
        self._reach = reach
        self._sets: dict[str, _Set] = {}
        self._numbers = itertools.count(1)
        self._publishers: dict[str, Publish] = {}

    @property
    def processes(self) -> list[Supervised]:
        return [host.process for one in self._sets.values() for host in one.hosts]

    def process_at(self, place: str) -> Supervised | None:
        """The process of the host that callers know by this name."""
        hosts = (host for one in self._sets.values() for host in one.hosts)
        return next((host.process for host in hosts if host.address.name == place), None)

    async def use(self, splits: Mapping[str, Mapping[str, float]], specs: Mapping[str, VersionSpec]) -> None:
        """`specs` by version id. `StartupFailed` for a host that does not start; the others are in place.

        Only the scripts that are named change. One without versions keeps what its objects have stored.
        """
        for script, split in splits.items():
            if not split:
                await self._end(script)
                continue
            shares = with_objects(tuple(split.items()))
            wanted = tuple(specs[version_id] for version_id, _ in shares)
            if any(spec.classes for spec in wanted):
                await self._replace(script, shares, wanted)
            else:
                await self._empty(script)

    async def trace(self, script: str, publish: Publish | None) -> None:
        """Have the trace events of a Worker's objects published from now on, or no longer."""
        if publish is None:
            self._publishers.pop(script, None)
        else:
            self._publishers[script] = publish
        if found := self._sets.get(script):
            await asyncio.gather(*(host.trace(publish) for host in found.hosts))

    def stored(self, script: str, namespace: str) -> list[str]:
        """The ids of objects that have stored something."""
        return stored_ids(self._folder(script), namespace)

    async def forget(self, script: str) -> None:
        """Delete all objects of a Worker that is no more."""
        await self._end(script)
        await asyncio.to_thread(shutil.rmtree, self._folder(script), ignore_errors=True)

    async def stop(self) -> None:
        await asyncio.gather(*(self._stop(one.hosts) for one in self._sets.values()))
        self._sets.clear()

    async def _replace(self, script: str, shares: Shares, specs: tuple[VersionSpec, ...]) -> None:
        before = self._sets.get(script)
        if before is not None and before.shares == shares:
            return
        self._reach.publish(KIND, script, {"paused": True})
        if before is not None:
            await asyncio.sleep(GRACE_SECONDS)
            await self._stop(before.hosts)
            del self._sets[script]
        try:
            await self._start(script, shares, specs)
        except BaseException:
            self._reach.withdraw(KIND, script)
            if before is not None:
                await self._start(script, before.shares, before.specs)
            raise
        await asyncio.to_thread(forget_other, self._folder(script), _namespaces(specs))

    async def _start(self, script: str, shares: Shares, specs: tuple[VersionSpec, ...]) -> None:
        """Give each version its objects, and bring them up."""
        folder = private_folder(self._folder(script))
        await asyncio.to_thread(settle, folder, _namespaces(specs), shares)
        hosts = tuple(
            Host(spec, next(self._numbers), folder / spec.version_id, self._places, self._products)
            for spec in specs
        )
        try:
            await asyncio.gather(*(host.start() for host in hosts))
        except BaseException:
            await self._stop(hosts)
            raise
        for host in hosts:
            await host.trace(self._publishers.get(script))
        self._sets[script] = _Set(shares, specs, hosts)
        self._reach.publish(KIND, script, _told(self._sets[script]))

    async def _empty(self, script: str) -> None:
        """A Worker that has no classes, or no longer."""
        await self._end(script)
        if self._folder(script).exists():
            await asyncio.to_thread(forget_other, self._folder(script), ())

    async def _end(self, script: str) -> None:
        self._reach.withdraw(KIND, script)
        if ended := self._sets.pop(script, None):
            await self._stop(ended.hosts)

    async def _stop(self, hosts: Sequence[Host]) -> None:
        await asyncio.gather(*(host.stop() for host in hosts))

    def _folder(self, script: str) -> Path:
        return self._places.data / KIND / script


def _namespaces(specs: Sequence[VersionSpec]) -> set[str]:
    return {one.namespace_id for spec in specs for one in spec.classes}


def _told(one: _Set) -> dict[str, object]:
    """As `js/proxy.js` reads it."""
    addresses = {host.spec.version_id: str(host.address) for host in one.hosts}
    return {
        "versions": [
            {"id": version_id, "percentage": percentage, "address": addresses[version_id]}
            for version_id, percentage in one.shares
        ],
        "classes": {found.namespace_id: found.name for found in one.classes},
    }
