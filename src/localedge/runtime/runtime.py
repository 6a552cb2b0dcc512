"""The runtime: storage, router and versions as one thing that starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

from localedge.runtime.files import private_folder
from localedge.runtime.hosts.hosts import Hosts
from localedge.runtime.housekeeping import keep_house
from localedge.runtime.places import Places
from localedge.runtime.previews import Previews
from localedge.runtime.probe import Probe
from localedge.runtime.reach import Reach
from localedge.runtime.router import Router
from localedge.runtime.slots import Slots
from localedge.runtime.sockets import remove_socket_folder, socket_folder
from localedge.runtime.storage_process import Storage
from localedge.runtime.tails import Tails
from localedge.runtime.tools import find_tools
from localedge.runtime.versions import Versions, by_version
from localedge.runtime.waker import Waker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from localedge.runtime.addresses import AddressTable
    from localedge.runtime.counters import VersionCounters
    from localedge.runtime.door import StorageDoor
    from localedge.runtime.events import BatchResult, EventMessage
    from localedge.runtime.previews import Find
    from localedge.runtime.probe import Exports
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.supervisor import ProcessStatus, Supervised
    from localedge.runtime.tails import TailQueue
    from localedge.runtime.wiring import Products


class Runtime:
    """Serves versions of Workers from one folder, which no other runtime may use at the same time.

    It belongs to the event loop that starts it and, on Linux, to the thread: its processes end with it.
    """

    def __init__(self, folder: Path, products: Products, *, traffic_port: int = 0) -> None:
        """`traffic_port` 0 finds a free one."""
        self._folder = folder.absolute()
        self._products = products
        self._traffic_port = traffic_port
        self._cleanup = contextlib.AsyncExitStack()
        self._places: Places
        self._storage: Storage
        self._databases: Storage
        self._router: Router
        self._probe: Probe
        self._hosts: Hosts
        self._versions: Versions
        self._tails: Tails
        self._previews: Previews
        self._waker: Waker

    @property
    def traffic_url(self) -> str:
        """Where the Workers answer, each under the host `NAME.localhost`."""
        return f"http://127.0.0.1:{self._router.port}"

    @property
    def producers_socket(self) -> Path:
        """Where queue bindings send to, over HTTP; the caller of `start` has to answer it."""
        return self._places.producers_socket

    @property
    def storage(self) -> StorageDoor:
        return self._storage.door

    @property
    def databases(self) -> StorageDoor:
        return self._databases.door

    async def start(self, *, and_open: bool = True) -> None:
        """Start what versions need, and open to visitors unless that is left to the caller.

        `ToolsMissing`, `TrafficPortTaken` or `ProcessFailed` if it cannot be.
        """
        async with contextlib.AsyncExitStack() as cleanup:
            await self._start(cleanup)
            if and_open:
                await self.open()
            self._cleanup = cleanup.pop_all()

    async def open(self) -> None:
        """Answer visitors, those too who have been waiting since `start`. `ProcessFailed` if it cannot be."""
        await self._router.start()

    async def stop(self) -> None:
        """Answer what was begun, then stop all processes."""
        await self._cleanup.aclose()

    async def start_version(self, spec: VersionSpec) -> float:
        """Bring a version up, if it is not; the time in ms its process took to start.

        `StartupFailed` when the script does not start, `UnsupportedBinding`, `TooManyVersions`.
        """
        startup_ms = await self._versions.start(spec, self._tails.publisher(spec.script))
        self._tails.settle(spec.script)
        return startup_ms

    async def retire_version(self, version_id: str) -> None:
        """Take a version out of service that is out of every split, once it has answered what it was asked.

        Its process ends some time later, so that work in the background can be finished.
        """
        await self._versions.retire(version_id)

    async def disturb_version(self, version_id: str, disturbance: Mapping[str, Any] | None) -> None:
        """Have a version answer late, with a status or an exception, until it is None again or it is retired.

        Its process is replaced for that, so nothing is in the way of versions that nobody disturbs. Errors as
        `start_version`, and `VersionNotUp`.
        """
        await self._versions.disturb(version_id, disturbance)

    async def set_splits(self, splits: Mapping[str, Mapping[str, float]]) -> None:
        """Split the traffic of these scripts: script -> {version id: percentage}. No versions, no service.

        Other scripts stay as they are.

        `VersionNotUp` for a version that was not started, `ConnectionError` when the router does not answer.
        """
        await self._versions.set_splits(splits)

    async def scheduled(self, version_id: str, cron: str, scheduled_ms: int) -> str:
        """Run the `scheduled()` of a version; the outcome, `ok` if it went well.

        `VersionNotUp` for a version that was not started, `EventBroken` when its process breaks off.
        """
        return await self._versions.events(version_id).scheduled(cron, scheduled_ms)

    async def deliver(
        self, version_id: str, queue: str, messages: Sequence[EventMessage], metrics: Mapping[str, int]
    ) -> BatchResult:
        """Run the `queue()` of a version with a batch; what it made of each message. Errors as `scheduled`.

        `metrics` are `backlog_count`, `backlog_bytes` and `oldest_message_timestamp_ms`.
        """
        return await self._versions.events(version_id).deliver(queue, messages, metrics)

    async def set_addresses(self, addresses: AddressTable) -> None:
        """Answer at these addresses beside `SCRIPT.localhost`. `ConnectionError` as for the splits."""
        await self._router.use_addresses(addresses)

    def answer_previews(self, find: Find) -> None:
        """Serve `LABEL.localhost` by the version that `find` tells for the label, woken if it sleeps."""
        self._previews.use(find)

    async def forget_previews(self, script: str) -> None:
        """Have `find` asked again for the preview addresses of a Worker: one may lead elsewhere now."""
        await self._router.forget_previews(script)

    async def counters(self) -> tuple[VersionCounters, ...]:
        """What was counted since the start, for each script and version."""
        ledger, inflight = await self._router.report()
        return ledger.read(by_version(self._versions.up, inflight))

    async def exports(self, spec: VersionSpec) -> Exports | None:
        """What a version's code exports, by name; None where it cannot be told."""
        return await self._probe.exports(spec)

    def stored_objects(self, script: str, namespace_id: str) -> list[str]:
        """The ids of a Worker's Durable Objects that have stored something, in order."""
        return self._hosts.stored(script, namespace_id)

    async def forget_objects(self, script: str) -> None:
        """Delete all Durable Objects of a Worker that has no split any more."""
        await self._hosts.forget(script)

    def tail(self, script: str) -> AbstractContextManager[TailQueue]:
        """Trace events of a script, as in Cloudflare's trace-v1, with `scriptName` and `scriptVersion.id`."""
        return self._tails.listen(script)

    def processes(self) -> list[ProcessStatus]:
        """The processes that are up, are being started again, or finish what they have begun."""
        fading = [version.process for version in self._versions.fading]
        serving = [process.status for process in self._supervised() if process not in fading]
        return [*serving, *(dataclasses.replace(process.status, state="finishing") for process in fading)]

    async def _start(self, cleanup: contextlib.AsyncExitStack) -> None:
        private_folder(self._folder)
        cleanup.callback(remove_socket_folder, self._folder)
        places = self._places = Places(self._folder, socket_folder(self._folder), find_tools())
        _emptied(places.configs)
        slots = Slots(places.sockets)
        self._storage = Storage.of_all(places, self._products)
        cleanup.push_async_callback(self._storage.stop)
        self._databases = Storage.of_databases(places, self._products)
        cleanup.push_async_callback(self._databases.stop)
        self._router = Router(places, slots.paths, traffic_port=self._traffic_port)
        reach = Reach(places.reach)
        self._probe = Probe(places, self._products)
        self._hosts = Hosts(places, self._products, reach)
        cleanup.push_async_callback(self._hosts.stop)
        self._versions = Versions(places, self._products, slots, self._router, hosts=self._hosts, reach=reach)
        cleanup.push_async_callback(self._versions.stop)
        cleanup.push_async_callback(self._router.stop)
        self._tails = Tails(self._versions, self._hosts)
        cleanup.push_async_callback(self._tails.stop)
        self._previews = Previews(self._versions, self._router, self._tails.publisher)
        self._waker = Waker(places.waker_socket, self._previews.wake, self._has_ended)
        cleanup.push_async_callback(self._previews.stop)
        cleanup.push_async_callback(self._waker.stop)
        await asyncio.gather(self._storage.start(), self._databases.start())
        await self._waker.start()
        self._previews.start()
        await cleanup.enter_async_context(keep_house(places.logs, self._supervised))

    async def _has_ended(self, place: str, since: float) -> bool:
        """Whether the process that was reached at a place then is there no longer."""
        versions = {
            version.place: version.process for version in (*self._versions.up, *self._versions.fading)
        }
        process = versions.get(place) or self._hosts.process_at(place)
        return process is None or await process.has_ended(since)

    def _supervised(self) -> list[Supervised]:
        versions = [*self._versions.up, *self._versions.fading]
        versions_processes = [version.process for version in versions]
        own = [self._storage.process, self._databases.process, self._router.process]
        return [*own, *versions_processes, *self._hosts.processes]


def _emptied(folder: Path) -> None:
    """A run that was killed leaves configurations, which hold secrets."""
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder)
