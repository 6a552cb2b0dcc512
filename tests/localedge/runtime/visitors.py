"""Load from a few visitors, each on a connection of its own, with a note of every bad answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

ANSWER_SECONDS = 20.0
UNTIL_SECONDS = 15.0
VERSION = b"x-localedge-version: "


class Visitors:
    """`answers` counts good ones by version; `bad` tells of the others."""

    def __init__(self, url: str, *, method: str = "GET", path: str = "/") -> None:
        self._port = int(url.rpartition(":")[2])
        body = b"a body" if method == "POST" else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self._request = head.encode() + body
        self._leaving = False
        self.answers: Counter[str] = Counter()
        self.bad: list[str] = []

    @contextlib.asynccontextmanager
    async def visiting(self, visitors: int = 8) -> AsyncIterator[None]:
        """Load for as long as the block takes; each visitor's last request is answered before it ends."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(visitors):
                tasks.create_task(self._visit())
            try:
                yield
            finally:
                self._leaving = True

    async def _visit(self) -> None:
        while not self._leaving and len(self.bad) < 100:
            try:
                await self._connection()
            except (OSError, EOFError, TimeoutError) as error:
                self.bad.append(f"no answer: {error!r}")
                await asyncio.sleep(0.01)

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while not self._leaving:
                writer.write(self._request)
                async with asyncio.timeout(ANSWER_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(_length(head))
                self._note(head)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _note(self, head: bytes) -> None:
        status, _, rest = head.partition(b"\r\n")
        if status.split()[1] == b"200" and VERSION in rest:
            self.answers[rest.partition(VERSION)[2].partition(b"\r\n")[0].decode()] += 1
        else:
            self.bad.append(head.decode())


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


async def until_so(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(round(UNTIL_SECONDS / 0.01)):
        if await holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come to be so in time")


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(round(UNTIL_SECONDS / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come to be so in time")
