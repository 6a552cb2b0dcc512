"""Reads the trace events of one version from its process: logs, exceptions and outcome of each request."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.spec import VersionSpec

Event = dict[str, Any]
Publish = Callable[[Event], None]

AGAIN_AFTER_SECONDS = 0.1
SILENCE_SECONDS = 10.0
"""The process sends a line every 20 ms; one that is silent for so long is asked anew."""
LAST_EVENTS_SECONDS = 0.06
NEXT_LINE_SECONDS = 1.0


class TraceReader:
    """Reads from `start` to `stop`, over restarts of the process."""

    def __init__(self, spec: VersionSpec, socket: Path, publish: Publish, *, from_now: bool = False) -> None:
        """`from_now`: without what the process has kept from before `start`."""
        self._mark: Event = {"scriptName": spec.script, "scriptVersion": {"id": spec.version_id}}
        self._socket = socket
        self._publish = publish
        self._path = "/from-now" if from_now else "/"
        self._reading: asyncio.Task[None] | None = None
        self._is_stopping = False

    def start(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Take what the process still has, then let go of it."""
        if self._reading is None:
            return
        await asyncio.sleep(LAST_EVENTS_SECONDS)
        # The next line ends it. Cancelling a read in the moment when a line comes is an error in the loop,
        # for anyio then sets the result of its cancelled future.
        self._is_stopping = True
        await asyncio.wait({self._reading}, timeout=NEXT_LINE_SECONDS)
        self._reading.cancel()
        await asyncio.wait({self._reading})

    async def _read(self) -> None:
        transport = httpx2.AsyncHTTPTransport(uds=str(self._socket))
        async with httpx2.AsyncClient(transport=transport, timeout=SILENCE_SECONDS) as client:
            while not self._is_stopping:
                with contextlib.suppress(httpx2.TransportError):
                    await self._read_once(client)
                await asyncio.sleep(AGAIN_AFTER_SECONDS)

    async def _read_once(self, client: httpx2.AsyncClient) -> None:
        async with client.stream("GET", f"http://trace{self._path}") as response:
            self._path = "/"
            async for line in response.aiter_lines():
                if line:
                    self._publish(_told(json.loads(line)) | self._mark)
                if self._is_stopping:
                    return


def _told(line: dict[str, Any]) -> Event:
    """Workerd does not measure how long an invocation took, but when it ended is known."""
    event: Event = line["event"]
    began = event.get("eventTimestamp")
    return event if began is None else event | {"wallTime": max(0, line["ended"] - began)}
