"""The process of one version, on a slot of the router."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from localedge.runtime.child import Command
from localedge.runtime.configs.version import (
    EVENTS,
    MAIN,
    READER,
    TRACE,
    debug_socket,
    reader_socket,
    version_config,
)
from localedge.runtime.errors import ProcessFailed, StartupFailed
from localedge.runtime.events import EventsDoor
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

STARTUP_SECONDS = 30.0
STARTUP_CPU_SECONDS = 2.0
"""The platform's second for the script, and as much for workerd's own start and the noise of a busy machine
(https://developers.cloudflare.com/workers/platform/limits/#worker-startup-time)."""


class VersionProcess:
    """Up from `start` to `stop`. With `publish`, its trace events are read and handed over."""

    def __init__(
        self,
        spec: VersionSpec,
        slot: int,
        address: Path,
        places: Places,
        products: Products,
        *,
        publish: Publish | None,
    ) -> None:
        self.spec = spec
        self.slot = slot
        self.startup_ms = 0.0
        self._socket = address
        self._reader_socket = reader_socket(address)
        self._trace_socket = address.with_suffix(".trace")
        self._events_socket = address.with_suffix(".events")
        self.events = EventsDoor(self._events_socket)
        self.publish = publish
        self._trace = None if publish is None else TraceReader(spec, self._trace_socket, publish)
        self._places = places
        self._products = products
        self._folder = places.configs / str(slot)
        self._listeners: dict[str, socket.socket] = {}
        name = f"version-{spec.version_id}"
        self._config = self._folder / "config.capnp"
        command = Command(
            name=name,
            workerd=places.tools.workerd,
            config=self._config,
            listeners=self._listeners,
            log=LogFile(places.log(name)),
            experimental=True,  # the entrances of events and of other Workers
            debug_socket=debug_socket(address),
            start_seconds=STARTUP_SECONDS,
            start_cpu_seconds=STARTUP_CPU_SECONDS,
        )
        self.process = Supervised(command)

    @property
    def place(self) -> str:
        """By which callers name it."""
        return self._socket.name

    @property
    def traced(self) -> bool:
        return self._trace is not None

    async def start(self) -> None:
        """Start it, and note the time it took. `StartupFailed` or `UnsupportedBinding` if it cannot be."""
        private_folder(self._folder)
        self._listeners[MAIN] = listen_unix(self._socket)
        self._listeners[READER] = listen_unix(self._reader_socket)
        self._listeners[EVENTS] = listen_unix(self._events_socket)
        if self.traced:
            self._listeners[TRACE] = listen_unix(self._trace_socket)
        config = version_config(self.spec, self._folder, self._places, self._products, traced=self.traced)
        write_private(self._config, config)
        try:
            self.startup_ms = await self.process.start()
        except ProcessFailed as failure:
            raise StartupFailed(_cleaned(failure.log, self._folder)) from failure
        if self._trace is not None:
            self._trace.start()

    async def stop(self, *, within_seconds: float) -> None:
        """Let it finish what it has begun, for so long; then leave nothing of it."""
        if self._trace is not None:
            await self._trace.stop()
        await self.process.stop(within_seconds=within_seconds)
        for listener in self._listeners.values():
            listener.close()
        self._socket.unlink(missing_ok=True)
        self._reader_socket.unlink(missing_ok=True)
        self._trace_socket.unlink(missing_ok=True)
        self._events_socket.unlink(missing_ok=True)
        debug_socket(self._socket).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _cleaned(log: str, folder: Path) -> str:
    """What workerd said, without this machine's paths, the name of our service and its own stack."""
    without_paths = log.replace(f"{folder}/", "")
    lines = (re.sub(r"^service worker: ", "", line) for line in without_paths.splitlines())
    return "\n".join(line for line in lines if not line.startswith("stack: ")).strip()
