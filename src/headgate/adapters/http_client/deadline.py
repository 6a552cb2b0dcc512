"""One time limit for a whole answer. A socket's own time-out starts anew with each byte that drips in."""

from __future__ import annotations

import io
import socket
import time
from http.client import HTTPResponse
from typing import cast

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux: confirm what came at once. A server that writes head and body apart may hold the body back until
the head is confirmed, which otherwise takes 40 ms. It has to be said again before each read."""


class Deadline:
    """A moment that does not move. Times in seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _RawReader(io.RawIOBase):
    """Reads a socket until a deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._sock = sock
        # http.client closes the socket while the answer is being read; this file keeps it open till then.
        self._file = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # what it gets
        self._sock.settimeout(self._deadline.remaining())
        if _QUICK_ACK is not None:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _SocketUntil:
    """The one part of a socket that HTTPResponse uses."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_RawReader(self._sock, self._deadline))


class ResponseUntil(HTTPResponse):
    """An answer that has to be complete before the deadline."""

    def __init__(
        self, sock: socket.socket, deadline: Deadline, debuglevel: int = 0, *, method: str | None = None
    ) -> None:
        part = cast("socket.socket", _SocketUntil(sock, deadline))
        super().__init__(part, debuglevel, method=method)
