"""The storage processes, and the door through which the control plane reads and writes the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime.child import Command
from localedge.runtime.configs.storage import CACHE, MAIN, storage_config
from localedge.runtime.door import StorageDoor
from localedge.runtime.files import write_private
from localedge.runtime.logs import LogFile
from localedge.runtime.sockets import listen_unix
from localedge.runtime.supervisor import Supervised
from localedge.runtime.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from localedge.runtime.places import Places
    from localedge.runtime.wiring import MakeSimulator, Products


class Storage:
    """Listens from the moment it is made; answers from its process's `start` on."""

    @classmethod
    def of_all(cls, places: Places, products: Products) -> Storage:
        """The one process of all products but the databases."""
        return cls("storage", places, products.simulators, places.storage_socket, cache=places.cache_socket)

    @classmethod
    def of_databases(cls, places: Places, products: Products) -> Storage:
        """The process of the databases, which a query can keep for as long as it runs."""
        return cls("databases", places, products.databases, places.databases_socket)

    def __init__(
        self,
        name: str,
        places: Places,
        simulators: Sequence[MakeSimulator],
        socket: Path,
        *,
        cache: Path | None = None,
    ) -> None:
        config = places.configs / f"{name}.capnp"
        write_private(config, storage_config(places, simulators, cache=cache is not None))
        self._listeners = {MAIN: listen_unix(socket)}
        if cache is not None:
            self._listeners[CACHE] = listen_unix(cache)
        command = Command(
            name=name,
            workerd=places.tools.workerd,
            config=config,
            listeners=self._listeners,
            log=LogFile(places.log(name)),
            experimental=True,  # Durable Objects on the local disk
        )
        self.process = Supervised(command)
        self.door = StorageDoor(socket)
        self._watchdog = Watchdog(self.process, socket)

    async def start(self) -> None:
        await self.process.start()
        self._watchdog.start()

    async def stop(self) -> None:
        await self._watchdog.stop()
        await self.door.close()
        await self.process.stop()
        for listener in self._listeners.values():
            listener.close()
