"""The client: one request, one answer, and a bound on its time and size."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple, Self

from headgate.adapters.http_client.address import Address, parse
from headgate.adapters.http_client.connections import Connection, Connections
from headgate.adapters.http_client.deadline import Deadline
from headgate.adapters.http_client.errors import BadAnswer, Unreachable, explained

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse
    from types import TracebackType

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
"""Methods that do no harm when sent twice. PUT should not either, but on the platform it makes a version."""
_CHUNK_BYTES = 1 << 16


class Request(NamedTuple):
    """What is asked. Redirects are never followed."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Answer(NamedTuple):
    """What came. Names of headers are in lower case; `seconds` is the time until the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as UTF-8, with a mark where it is not."""
        return self.body.decode(errors="replace")


class _StaleConnection(Exception):
    """A kept connection was closed before anything of the answer came."""


class HttpClient:
    """Sends requests. Threads may share it; connections are kept and used again."""

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_seconds: float = 30.0,
        largest_answer_bytes: int = 16 * 1024 * 1024,
        most_idle_connections: int = 8,
    ) -> None:
        self._user_agent = user_agent
        self._timeout_seconds = timeout_seconds
        self._largest_answer_bytes = largest_answer_bytes
        self._connections = Connections(most=most_idle_connections)

    def send(self, request: Request, *, timeout_seconds: float | None = None) -> Answer:
        """Send a request and read the whole answer, within one time limit. Raises HttpError.

        It is sent again only if that does no harm and a kept connection turned out to be closed.
        """
        address = parse(request.url)
        deadline = Deadline(self._timeout_seconds if timeout_seconds is None else timeout_seconds)
        try:
            return self._exchange(self._connections.take(address.origin), address, request, deadline)
        except _StaleConnection:
            if request.method not in _REPEATABLE:
                raise Unreachable(
                    "The connection was closed before an answer came", where=address.shown, delivered=True
                ) from None
        return self._exchange(self._connections.new(address.origin), address, request, deadline)

    def close(self) -> None:
        """Close all idle connections."""
        self._connections.close()

    def _exchange(
        self, connection: Connection, address: Address, request: Request, deadline: Deadline
    ) -> Answer:
        started = time.monotonic()
        keep = False
        try:
            response = self._ask(connection, address, request, deadline)
            body = self._read(response, address, deadline)
            keep = not response.will_close
        finally:
            if not keep:
                connection.close()
        if keep:
            self._connections.give_back(connection)
        return Answer(response.status, _headers(response), body, time.monotonic() - started)

    def _ask(
        self, connection: Connection, address: Address, request: Request, deadline: Deadline
    ) -> HTTPResponse:
        """Send the request, and wait for the head of the answer."""
        delivered = False
        try:
            connection.connect(deadline)
            delivered = True
            self._send(connection, address, request)
            return connection.answer()
        except ConnectionError as error:
            if connection.used:
                raise _StaleConnection from error
            raise explained(error, deadline, where=address.shown, delivered=delivered) from error
        except (OSError, HTTPException) as error:
            raise explained(error, deadline, where=address.shown, delivered=delivered) from error
        except ValueError:
            # Without its cause: http.client quotes the header, and that may be the token.
            raise Unreachable(
                "The request cannot be sent: its path or a header holds a character that is not allowed",
                where=address.shown,
                delivered=False,
            ) from None

    def _send(self, connection: Connection, address: Address, request: Request) -> None:
        headers = {"User-Agent": self._user_agent, **request.headers}
        try:
            connection.send(request.method, address.path, headers, request.body)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses an upload may answer and hang up before it has read all of it.
            if connection.used:
                raise

    def _read(self, response: HTTPResponse, address: Address, deadline: Deadline) -> bytes:
        """Read the body of the answer."""
        pieces, size = [], 0
        try:
            with response:
                while size <= self._largest_answer_bytes and (piece := response.read(_CHUNK_BYTES)):
                    pieces.append(piece)
                    size += len(piece)
                missing = response.length
        except (OSError, HTTPException) as error:
            raise explained(error, deadline, where=address.shown, delivered=True) from error
        if size > self._largest_answer_bytes:
            too_large = f"The answer is larger than {self._largest_answer_bytes} bytes"
            raise BadAnswer(too_large, where=address.shown, delivered=True)
        if missing:
            raise Unreachable("The connection broke within the answer", where=address.shown, delivered=True)
        return b"".join(pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _headers(response: HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
