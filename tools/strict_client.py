"""An HTTP client that keeps its connection as a browser does, and is strict about what an answer is.

An answer is whole. A kept connection may be closed by the server at any time; then, and only when no byte of
an answer came, a request that is safe to repeat is sent once more on a new connection (RFC 9110, 9.2.2).
"""

from __future__ import annotations

import http.client
import select
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.shopper import Request

VERSION_HEADER = "x-localedge-version"


@dataclass(frozen=True)
class Answer:
    """A whole answer; `version` is None when no version of a Worker gave it."""

    status: int
    version: str | None
    set_cookie: str | None


@dataclass(frozen=True)
class Outcome:
    """What became of one request: an answer, or in `loss` why there is none."""

    answer: Answer | None = None
    loss: str = ""
    reconnected: bool = False
    """The kept connection was found closed before anything was sent on it."""
    retried: bool = False
    """The server closed the kept connection before the first byte of an answer: it was sent once more."""


class _Lost(Exception):
    """The request was received, perhaps in part, and has no whole answer; the text says why."""


class StrictClient:
    """One visitor's connection to the traffic port."""

    def __init__(self, port: int, host: str, timeout_s: float) -> None:
        """Send to 127.0.0.1:`port` with `host` as Host header; each wait is bounded by `timeout_s`."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self._host = host

    def send(self, request: Request) -> Outcome:
        """Send one request; whatever happens is in the outcome."""
        reconnected = self._close_if_ended()
        may_retry = self._connection.sock is not None and request.is_idempotent
        try:
            return Outcome(self._ask(request), reconnected=reconnected)
        except (_Lost, ConnectionError) as error:
            self.close()
            if isinstance(error, _Lost) or not may_retry:
                return Outcome(loss=str(error), reconnected=reconnected)
        try:
            return Outcome(self._ask(request), reconnected=reconnected, retried=True)
        except (_Lost, ConnectionError) as error:
            self.close()
            return Outcome(loss=str(error), reconnected=reconnected, retried=True)

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._connection.close()

    def _close_if_ended(self) -> bool:
        """Close it if the server did so while it was idle: it can be read then, and no answer is due."""
        sock = self._connection.sock
        if sock is None or not select.select([sock], [], [], 0)[0]:
            return False
        self.close()
        return True

    def _ask(self, request: Request) -> Answer:
        """Send the request and read the whole answer.

        Raises:
            ConnectionError: closed, or never open, before the first byte of an answer.
            _Lost: anything else that left it without a whole answer.
        """
        headers = {"Host": self._host, **request.headers}
        try:
            self._connection.request(request.method, request.path, request.body, headers)
            self._await_first_byte()
        except TimeoutError as error:
            raise _Lost("no answer in time") from error
        try:
            response = self._connection.getresponse()
            if response.length is None and not response.chunked:
                raise _Lost("half an answer: nothing says where it ends")
            response.read()
        except (http.client.HTTPException, OSError) as error:
            raise _Lost(f"half an answer: {error!r}") from error
        header = response.headers.get
        return Answer(response.status, header(VERSION_HEADER), header("Set-Cookie"))

    def _await_first_byte(self) -> None:
        if not self._connection.sock.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError("closed before the first byte of an answer")
