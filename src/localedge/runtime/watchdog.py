"""Ends a storage process that answers nothing any more, so that its supervisor starts it again.

A query that never ends keeps the whole process, and nothing inside of it could stop the query.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.supervisor import Supervised

ANSWER_SECONDS = 30.0
"""As long as the platform lets a query of D1 run (https://developers.cloudflare.com/d1/platform/limits/)."""
EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Watchdog:
    """Asks a process, from `start` to `stop`, whether it is still there."""

    def __init__(self, process: Supervised, socket: Path) -> None:
        self._process = process
        self._socket = socket
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name=f"watchdog {self._process.status.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _watch(self) -> None:
        transport = httpx2.AsyncHTTPTransport(uds=str(self._socket))
        async with httpx2.AsyncClient(transport=transport, base_url="http://storage", timeout=None) as client:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                await self._look(client)

    async def _look(self, client: httpx2.AsyncClient) -> None:
        asked = self._process.status.pid
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.get("/")  # whatever the answer is, the process is there
        except httpx2.TransportError:
            return  # it ended meanwhile, which its supervisor sees
        except TimeoutError:
            if asked is None or asked != self._process.status.pid:
                return  # it is starting
            name = self._process.status.name
            log.warning("process %s answered nothing for %.0f s; killing it", name, ANSWER_SECONDS)
            await self._process.kill()
