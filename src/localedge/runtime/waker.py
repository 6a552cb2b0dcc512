"""Answers the other processes, which ask on a unix socket what only the control plane knows.

The router asks for a preview address that it does not know. Whoever had a call broken off asks whether the
process that it called has ended.
"""

from __future__ import annotations

import asyncio
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from localedge.runtime.errors import StartupFailed, TooManyVersions, UnsupportedBinding
from localedge.runtime.sockets import BACKLOG, listen_unix

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

LABEL = re.compile(rb"GET /([a-z0-9_-]{1,63}) HTTP/1\.1\r\n")
ENDED = re.compile(rb"GET /ended/([vo][0-9]{1,9})/([0-9]{1,15}) HTTP/1\.1\r\n")
"""A place, and when a call of its process began, in ms since 1970."""
HEAD_SECONDS = 5.0

log = logging.getLogger(__name__)


class Waker:
    """Listens from the moment it is made; answers from `start` on.

    `wake` has the router told where a preview address leads; whether it leads anywhere. `has_ended` tells
    whether the process at a place has ended since a time in seconds since 1970.
    """

    def __init__(
        self,
        socket: Path,
        wake: Callable[[str], Awaitable[bool]],
        has_ended: Callable[[str, float], Awaitable[bool]],
    ) -> None:
        self._listener = listen_unix(socket)
        self._wake = wake
        self._has_ended = has_ended
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._answer, sock=self._listener, backlog=BACKLOG)

    async def stop(self) -> None:
        if self._server is None:
            self._listener.close()
        else:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_response(*await self._told(head)))
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            log.warning("a question was not answered: %s", error)
        finally:
            writer.close()

    async def _told(self, head: bytes) -> tuple[HTTPStatus, str]:
        if asked := LABEL.match(head):
            return await self._woken(asked[1].decode())
        if asked := ENDED.match(head):
            ended = await self._has_ended(asked[1].decode(), int(asked[2]) / 1000)
            return (HTTPStatus.GONE if ended else HTTPStatus.NO_CONTENT), ""
        return HTTPStatus.BAD_REQUEST, ""

    async def _woken(self, label: str) -> tuple[HTTPStatus, str]:
        try:
            found = await self._wake(label)
        except (StartupFailed, UnsupportedBinding, TooManyVersions, OSError) as error:
            log.warning("the version at %s does not wake: %s", label, error)
            return HTTPStatus.SERVICE_UNAVAILABLE, f"The version at {label} does not start: {error}"
        return (HTTPStatus.NO_CONTENT if found else HTTPStatus.NOT_FOUND), ""


def _response(status: HTTPStatus, text: str) -> bytes:
    body = text.encode()
    length = "" if status == HTTPStatus.NO_CONTENT else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{length}Connection: close\r\n\r\n".encode() + body
