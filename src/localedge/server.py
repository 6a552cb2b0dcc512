"""Running an edge: everything built, started, told, and stopped again in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sqlite3
from typing import TYPE_CHECKING

import uvicorn

from localedge.app import build_app
from localedge.assembly import SCHEMAS, assemble
from localedge.background import taking_messages, triggering
from localedge.edge import Addresses, Edge
from localedge.faults.connection import BreakableHttp
from localedge.instance import FolderLock, Instance, remove_instance, write_instance
from localedge.products import PRODUCTS
from localedge.r2.lifecycle import sweeping
from localedge.runtime import ProcessFailed, Runtime, ToolsMissing, TrafficPortTaken
from localedge.state.database import StateTooNew, open_database
from localedge.state.facts import FactTable
from localedge.state.model import utc_now
from localedge.unmasked import ForgivingWebSocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from localedge.access.limit import Quota

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
BACKLOG = 512
STOP_SECONDS = 5


class CannotStart(Exception):
    """Something that a person has to mend first: a port that is in use, state of a newer edge."""


async def serve(folder: Path, *, port: int = 0, traffic_port: int = 0, quota: Quota | None = None) -> None:
    """Run the folder's edge until SIGTERM or SIGINT. `AlreadyRunning` or `CannotStart` if it can't.

    With a quota, the API may be called only so often.
    """
    _cancel_on_sigterm()
    async with contextlib.AsyncExitStack() as cleanup:
        cleanup.callback(_locked(folder).release)
        database = _open(folder / "state.sqlite")
        cleanup.callback(database.close)
        facts = FactTable(database)
        listener = listen(port, facts.port("api_port"))
        cleanup.callback(listener.close)
        traffic_port = _free_port(traffic_port, facts.port("traffic_port"))
        edge = await cleanup.enter_async_context(
            running_edge(folder, database, listener, traffic_port=traffic_port)
        )
        edge.access.limit.set(quota)
        facts.put("api_port", str(listener.getsockname()[1]))
        facts.put("traffic_port", edge.addresses.traffic_url.rpartition(":")[2])
        cleanup.callback(remove_instance, folder)
        server = _Server(edge, on_ready=lambda: write_instance(folder, _instance(edge)))
        await server.serve(sockets=[listener])
        log.info("stopping")


@contextlib.asynccontextmanager
async def running_edge(
    folder: Path, database: sqlite3.Connection, listener: socket.socket, *, traffic_port: int
) -> AsyncIterator[Edge]:
    """The parts of an edge, with everything that was deployed serving again."""
    runtime = Runtime(folder / "runtime", PRODUCTS, traffic_port=traffic_port)
    with _cannot_start():
        await runtime.start(and_open=False)
    try:
        origin = f"http://{HOST}:{listener.getsockname()[1]}"
        addresses = Addresses(origin, runtime.traffic_url.rstrip("/"))
        edge = assemble(folder, database, runtime, addresses)
    except BaseException:
        await runtime.stop()
        raise
    async with contextlib.AsyncExitStack() as cleanup:
        # Of what was begun first it stops last: then the last commits are there to be noted.
        cleanup.push_async_callback(edge.d1.histories.close)
        cleanup.push_async_callback(runtime.stop)
        await cleanup.enter_async_context(edge.d1.kept())
        await cleanup.enter_async_context(sweeping(edge.buckets, edge.r2))
        await cleanup.enter_async_context(taking_messages(edge))
        await cleanup.enter_async_context(edge.measurements.kept())
        await edge.releases.restore()
        await edge.addressing.publish()
        with _cannot_start():
            await runtime.open()
        await edge.releases.ready_rollbacks()
        await cleanup.enter_async_context(triggering(edge))
        yield edge
        await edge.faults.processes.stop()
        await edge.processes.wait_until_retired()


@contextlib.contextmanager
def _cannot_start() -> Iterator[None]:
    try:
        yield
    except (ProcessFailed, ToolsMissing, TrafficPortTaken) as error:
        raise CannotStart(str(error)) from error


def listen(wanted: int, remembered: int) -> socket.socket:
    """A listening socket on loopback: on the port asked for, else on last time's, else on a free one."""
    for port in [wanted] if wanted else [remembered, 0]:
        try:
            listener = socket.create_server((HOST, port), backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            # Connections inherit it. Without it an answer's body waits 40 ms for its head to be acknowledged.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listener
    message = f"port {wanted} is in use; name another one, or none to get a free one"
    raise CannotStart(message)


def _free_port(wanted: int, remembered: int) -> int:
    """The port to ask the runtime for; 0 lets it find one."""
    with listen(wanted, remembered) as probe:
        port = int(probe.getsockname()[1])
    return port if port in (wanted, remembered) else 0


class _Server(uvicorn.Server):
    """Says when it is ready, and ends at a signal by returning, so that all is stopped in order."""

    def __init__(self, edge: Edge, *, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            build_app(edge),
            log_config=None,
            access_log=False,
            lifespan="off",
            http=BreakableHttp,
            ws=ForgivingWebSocket,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        super().__init__(config)
        self._addresses = edge.addresses
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()
        log.info("ready: API %s, traffic %s", self._addresses.api_url, self._addresses.traffic_url)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def _cancel_on_sigterm() -> None:
    """Until the server takes the signal over, it ends the start, and what was started is stopped in order."""
    starting = asyncio.current_task()
    if starting is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, starting.cancel)


def _locked(folder: Path) -> FolderLock:
    lock = FolderLock(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.take()
    except OSError as error:
        raise CannotStart(f"the folder {folder} cannot be used: {error}") from error
    return lock


def _open(path: Path) -> sqlite3.Connection:
    try:
        return open_database(path, SCHEMAS)
    except StateTooNew as error:
        raise CannotStart(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise CannotStart(f"{path} cannot be read ({error}); move the folder away to begin anew") from error


def _instance(edge: Edge) -> Instance:
    return Instance(
        pid=os.getpid(),
        api_url=edge.addresses.api_url,
        traffic_url=edge.addresses.traffic_url,
        account_id=edge.identity.account_id,
        token=edge.identity.token,
        subdomain=edge.identity.subdomain,
        started_at=utc_now(),
    )
