"""What the control plane does beside its API: takes producers' messages, delivers them, runs crons."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvicorn

from localedge.queues.door import ProducersDoor
from localedge.runtime.sockets import listen_unix

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from localedge.edge import Edge

STOP_SECONDS = 1


@contextlib.asynccontextmanager
async def taking_messages(edge: Edge) -> AsyncIterator[None]:
    """Answer the Workers' queue bindings until the end of the block."""
    app = ProducersDoor(edge.queues, edge.broker).app()
    async with _served(app, edge.runtime.producers_socket):
        yield


@contextlib.asynccontextmanager
async def triggering(edge: Edge) -> AsyncIterator[None]:
    """Deliver queues and run crons until the end of the block; the Workers have to serve already."""
    async with edge.broker.running(), edge.scheduler.running():
        yield


@contextlib.asynccontextmanager
async def _served(app: Starlette, path: Path) -> AsyncIterator[None]:
    # Who connects before the server is up waits for it.
    with contextlib.closing(listen_unix(path)) as listener:
        server = _InnerServer(app)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="producers' door")
        try:
            yield
        finally:
            server.should_exit = True
            await serving


class _InnerServer(uvicorn.Server):
    """Leaves the signals to the API's server."""

    def __init__(self, app: Starlette) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
