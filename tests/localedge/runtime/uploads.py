"""Uploads from a few clients on kept connections, with a note of each that was not answered as it should."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_SECONDS = 15.0
LOSSES_MAX = 200
PIECE = 16 * 1024
KIB = 1024


@dataclass(frozen=True)
class Upload:
    """A POST of `size` bytes to `path`, which answers with `status`."""

    path: str
    status: int
    size: int
    chunked: bool = False

    def wire(self) -> bytes:
        """What is sent for it."""
        body = bytes(self.size)
        framing = "Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {self.size}"
        head = f"POST {self.path} HTTP/1.1\r\nHost: shop.localhost\r\n{framing}\r\n\r\n".encode()
        return head + (_chunked(body) if self.chunked else body)


def _chunked(body: bytes) -> bytes:
    pieces = (body[start : start + PIECE] for start in range(0, len(body), PIECE))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@dataclass
class Uploads:
    """Sends each of `kinds` in turn until `most` are sent or `seconds` are over."""

    url: str
    kinds: tuple[Upload, ...]
    most: int = 1500
    seconds: float = 20.0
    sent: int = 0
    answered: Counter[Upload] = field(default_factory=Counter)
    lost: Counter[tuple[Upload, str]] = field(default_factory=Counter)

    async def run(self, clients: int = 8) -> None:
        turns = itertools.cycle([(kind, kind.wire()) for kind in self.kinds])
        end = asyncio.get_running_loop().time() + self.seconds
        async with asyncio.TaskGroup() as tasks:
            for _ in range(clients):
                tasks.create_task(self._client(turns, end))

    async def _client(self, turns: Iterator[tuple[Upload, bytes]], end: float) -> None:
        while not self._over(end):
            port = int(self.url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                kept = True
                while kept and not self._over(end):
                    kind, wire = next(turns)
                    self.sent += 1
                    kept = await self._upload(reader, writer, kind, wire)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    def _over(self, end: float) -> bool:
        over = self.sent >= self.most or self.lost.total() >= LOSSES_MAX
        return over or asyncio.get_running_loop().time() > end

    async def _upload(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: Upload, wire: bytes
    ) -> bool:
        """Send one and note what becomes of it; whether the connection can be used again."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(wire)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await read_body(reader, head)
                await writer.drain()
        except (OSError, EOFError, TimeoutError) as error:
            self.lost[kind, f"no answer: {type(error).__name__}"] += 1
            return False
        status = int(head.split()[1])
        if status != kind.status or b"x-localedge-version: " not in head:
            self.lost[kind, f"answered {status}"] += 1
        else:
            self.answered[kind] += 1
        return b"connection: close" not in head


async def read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    """`head` in small letters."""
    if b"transfer-encoding: chunked" not in head:
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        return
    size = -1
    while size:
        size = int(await reader.readuntil(b"\r\n"), 16)
        await reader.readexactly(size + 2)
