"""The process that has the Durable Objects of one version of a Worker."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from localedge.runtime.child import Command
from localedge.runtime.configs.host import host_config
from localedge.runtime.configs.version import TRACE
from localedge.runtime.errors import ProcessFailed, StartupFailed
from localedge.runtime.files import private_folder, write_private
from localedge.runtime.logs import LogFile
from localedge.runtime.sockets import listen_unix
from localedge.runtime.supervisor import Supervised
from localedge.runtime.trace import TraceReader

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.trace import Publish
    from localedge.runtime.wiring import Products

STOP_SECONDS = 1.0
"""Whoever calls an object meanwhile waits; what an object has answered is on the disk already."""


class Host:
    """Up from `start` to `stop`. Its socket's path is never used again, so no call reaches a later one."""

    def __init__(
        self, spec: VersionSpec, number: int, data: Path, places: Places, products: Products
    ) -> None:
        name = f"objects-{spec.version_id}"
        self.spec = spec
        self.address = places.sockets / f"o{number}"
        self._folder = places.configs / f"o{number}"
        self._config = self._folder / "config.capnp"
        self._data = data
        self._trace_socket = self.address.with_suffix(".trace")
        self._listeners: dict[str, socket.socket] = {}
        self._reader: TraceReader | None = None
        self._places = places
        self._products = products
        command = Command(
            name=name,
            workerd=places.tools.workerd,
            config=self._config,
            listeners=self._listeners,
            log=LogFile(places.log(name)),
            experimental=True,  # Durable Objects on the local disk
            debug_socket=self.address,
        )
        self.process = Supervised(command)

    async def start(self) -> None:
        """`StartupFailed` if it cannot be."""
        private_folder(self._folder)
        self._listeners[TRACE] = listen_unix(self._trace_socket)
        config = host_config(self.spec, self._folder, self._data, self._places, self._products)
        write_private(self._config, config)
        try:
            await self.process.start()
        except ProcessFailed as failure:
            raise StartupFailed(failure.log.replace(f"{self._folder}/", "")) from failure

    async def trace(self, publish: Publish | None) -> None:
        """Have the objects' trace events published from now on, or no longer."""
        if publish is not None and self._reader is None:
            self._reader = TraceReader(self.spec, self._trace_socket, publish, from_now=True)
            self._reader.start()
        elif publish is None and self._reader is not None:
            reader, self._reader = self._reader, None
            await reader.stop()

    async def stop(self) -> None:
        """Stop it, and leave nothing of it but the objects' data."""
        await self.trace(None)
        await self.process.stop(within_seconds=STOP_SECONDS)
        for listener in self._listeners.values():
            listener.close()
        self._trace_socket.unlink(missing_ok=True)
        self.address.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
