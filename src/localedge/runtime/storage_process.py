"""The storage process, and the door through which the control plane reads and writes the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime.child import Command
from localedge.runtime.configs.storage import CACHE, MAIN, storage_config
from localedge.runtime.door import StorageDoor
from localedge.runtime.files import write_private
from localedge.runtime.logs import LogFile
from localedge.runtime.sockets import listen_unix
from localedge.runtime.supervisor import Supervised

if TYPE_CHECKING:
    from localedge.runtime.places import Places
    from localedge.runtime.wiring import Products


class Storage:
    """Listens from the moment it is made; answers from its process's `start` on."""

    def __init__(self, places: Places, products: Products) -> None:
        config = places.configs / "storage.capnp"
        write_private(config, storage_config(places, products))
        self._listeners = {
            MAIN: listen_unix(places.storage_socket),
            CACHE: listen_unix(places.cache_socket),
        }
        command = Command(
            name="storage",
            workerd=places.tools.workerd,
            config=config,
            listeners=self._listeners,
            log=LogFile(places.log("storage")),
            experimental=True,  # Durable Objects on the local disk
        )
        self.process = Supervised(command)
        self.door = StorageDoor(places.storage_socket)

    async def stop(self) -> None:
        await self.door.close()
        await self.process.stop()
        for listener in self._listeners.values():
            listener.close()
