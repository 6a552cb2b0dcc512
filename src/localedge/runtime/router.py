"""The router: a workerd that listens for the traffic, and the admin socket through which it takes splits."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

import httpx2

from localedge.runtime.addresses import AddressTable
from localedge.runtime.child import Command
from localedge.runtime.configs.router import ADMIN, MAIN, Splits, router_config
from localedge.runtime.errors import TrafficPortTaken
from localedge.runtime.files import write_private
from localedge.runtime.ledger import Ledger
from localedge.runtime.logs import LogFile
from localedge.runtime.sockets import listen_tcp, listen_unix
from localedge.runtime.supervisor import Supervised

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from localedge.runtime.places import Places

EDGES_MS: tuple[float, ...] = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500),
    *(600, 800, 1000, 1500, 2000, 3000, 5000, 10000),
)
TIMEOUT_SECONDS = 10.0
TRIES = 3


class Router:
    """Listens from the moment it is made: who connects before `start` waits until then.

    What it is told before `start` it knows when it answers for the first time.
    """

    def __init__(self, places: Places, slots: Sequence[Path], *, traffic_port: int) -> None:
        self._slots = slots
        self._waker = places.waker_socket
        self._addresses = AddressTable()
        self._config = places.configs / "router.capnp"
        self._generation = 0
        self._splits: Splits = {}
        self._is_started = False
        self._ledger = Ledger(EDGES_MS)
        try:
            traffic = listen_tcp(traffic_port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise TrafficPortTaken(traffic_port) from error
        self._listeners = {MAIN: traffic, ADMIN: listen_unix(places.admin_socket)}
        self.port = int(traffic.getsockname()[1])
        log = LogFile(places.log("router"))
        command = Command("router", places.tools.workerd, self._config, self._listeners, log)
        self.process = Supervised(command, self._write_config)
        transport = httpx2.AsyncHTTPTransport(uds=str(places.admin_socket))
        self._http = httpx2.AsyncClient(
            transport=transport, base_url="http://router", timeout=TIMEOUT_SECONDS
        )

    async def start(self) -> None:
        """Answer from now on. `ProcessFailed` if its process does not start."""
        self._is_started = True  # from here on what changes is no longer in the configuration
        await self.process.start()

    async def stop(self) -> None:
        await self._http.aclose()
        await self.process.stop()
        for listener in self._listeners.values():
            listener.close()

    async def use(self, splits: Splits) -> None:
        """Route these scripts so from now on, also after the router's process was started again.

        Only what changes is handed over, so that a change costs the same however many scripts there are.
        """
        self._splits.update(splits)
        for script in [script for script, rows in splits.items() if not rows]:
            del self._splits[script]
        await self._tell("PATCH", "/splits", splits)

    async def use_addresses(self, addresses: AddressTable) -> None:
        """Answer at these addresses too, from now on and after a new start."""
        self._addresses = addresses
        await self._tell("PUT", "/addresses", addresses.wire())

    async def preview(self, label: str, script: str, version_id: str, slot: int) -> None:
        """Send requests to `LABEL.localhost` to one version, until its Worker's previews are forgotten."""
        preview = {"label": label, "script": script, "id": version_id, "slot": slot}
        await self._tell("PUT", "/previews", preview)

    async def forget_previews(self, script: str) -> None:
        """Ask the waker again for each preview address of a Worker."""
        await self._tell("DELETE", "/previews", script)

    async def report(self) -> tuple[Ledger, list[int | None]]:
        """The counters so far, and the number of requests in flight by slot."""
        if not self._is_started:
            return self._ledger, []
        report = (await self._ask("GET", "/counters")).json()
        self._ledger.record(report)
        return self._ledger, report["inflight"]

    async def _tell(self, method: str, path: str, body: object) -> None:
        if self._is_started:
            await self._ask(method, path, body)

    async def _ask(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """Ask, and again: each request can be repeated, and connections wait while the process restarts."""
        for _ in range(TRIES):
            with contextlib.suppress(httpx2.TransportError):
                return (await self._http.request(method, path, json=body)).raise_for_status()
        message = "the router's process does not answer; it is being started again"
        raise ConnectionError(message)

    def _write_config(self) -> None:
        self._generation += 1
        config = router_config(
            self._slots,
            self._waker,
            splits=self._splits,
            addresses=self._addresses,
            edges_ms=EDGES_MS,
            generation=self._generation,
        )
        write_private(self._config, config)
