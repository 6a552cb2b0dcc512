"""Connections, kept for the next request to the same server."""

from __future__ import annotations

import select
import threading
from collections import deque
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from headgate.adapters.http_client.deadline import Deadline, ResponseUntil

if TYPE_CHECKING:
    import socket
    import ssl
    from http.client import HTTPResponse

    from headgate.adapters.http_client.address import Origin
    from headgate.adapters.http_client.proxy import Proxy


class Connection:
    """One connection to a server, perhaps through a proxy. Used by one thread at a time."""

    def __init__(self, origin: Origin, proxy: Proxy | None, tls: ssl.SSLContext | None) -> None:
        self.origin = origin
        self.used = False
        self._deadline = Deadline(0)
        self._proxy = proxy
        self._http = _connection(origin, proxy, tls)
        self._http.response_class = self._response  # type: ignore[assignment]  # a maker of answers does as well

    def connect(self, deadline: Deadline) -> None:
        """Connect, unless it is already connected. Raises OSError."""
        self._deadline = deadline
        if self._http.sock is None:
            self._http.timeout = deadline.remaining()
            self._http.connect()
        self._http.sock.settimeout(deadline.remaining())

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> None:
        """Send a request."""
        through = self._proxy is not None and self.origin.scheme == "http"
        target = f"{self.origin}{path}" if through else path
        if through and self._proxy is not None:
            headers = headers | self._proxy.headers
        self._http.request(method, target, body=body, headers={"Host": self.origin.host_header} | headers)

    def answer(self) -> HTTPResponse:
        """Wait for the status line and the headers of the answer."""
        return self._http.getresponse()

    @property
    def is_stale(self) -> bool:
        """Whether the server has closed it meanwhile, or sent something nobody asked for."""
        if self._http.sock is None:
            return True
        poll = select.poll()
        poll.register(self._http.sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close it; closing twice does no harm."""
        self._http.close()

    def _response(
        self, sock: socket.socket, debuglevel: int = 0, *, method: str | None = None
    ) -> ResponseUntil:
        return ResponseUntil(sock, self._deadline, debuglevel, method=method)


class Connections:
    """Idle connections, the oldest closed when there are more than `most`. Threads may share it."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._idle: deque[Connection] = deque()
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None

    def take(self, origin: Origin) -> Connection:
        """An idle connection to a server if there is a sound one, else a new one."""
        while (found := self._pop(origin)) is not None:
            if not found.is_stale:
                return found
            found.close()
        return self.new(origin)

    def new(self, origin: Origin) -> Connection:
        """A connection that was never used before."""
        tls = self._context() if origin.scheme == "https" else None
        return Connection(origin, None if origin.is_loopback else _proxy(origin), tls)

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose last answer was read to its end."""
        connection.used = True
        with self._lock:
            self._idle.append(connection)
            too_many = self._idle.popleft() if len(self._idle) > self._most else None
        if too_many is not None:
            too_many.close()

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            idle, self._idle = self._idle, deque()
        for connection in idle:
            connection.close()

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            for connection in reversed(self._idle):
                if connection.origin == origin:
                    self._idle.remove(connection)
                    return connection
        return None

    def _context(self) -> ssl.SSLContext:
        """Reading the machine's certificates takes 20 ms, so it is done only where TLS is spoken."""
        with self._lock:
            if self._tls is None:
                import ssl

                self._tls = ssl.create_default_context()
            return self._tls


def _proxy(origin: Origin) -> Proxy | None:
    from headgate.adapters.http_client.proxy import proxy_for

    return proxy_for(origin)


def _connection(origin: Origin, proxy: Proxy | None, tls: ssl.SSLContext | None) -> HTTPConnection:
    host, port = (proxy.host, proxy.port) if proxy else (origin.dial, origin.port)
    if origin.scheme == "http":
        return HTTPConnection(host, port)
    from http.client import HTTPSConnection

    connection = HTTPSConnection(host, port, context=tls)
    if proxy:
        connection.set_tunnel(origin.host, origin.port, headers=proxy.headers)
    return connection
