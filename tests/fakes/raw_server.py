"""A server on loopback that speaks raw bytes: each test says what it does with each connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[["Visitor"], object]


class Visitor:
    """One connection."""

    def __init__(self, sock: socket.socket, number: int, gone: threading.Event) -> None:
        self.sock = sock
        self.number = number
        self.gone = gone
        self._rest = b""

    def request(self) -> bytes:
        """Read one request, head and body; empty when the client has hung up."""
        while b"\r\n\r\n" not in self._rest:
            piece = self.sock.recv(65536)
            if not piece:
                return b""
            self._rest += piece
        head, _, rest = self._rest.partition(b"\r\n\r\n")
        length = _length(head)
        while len(rest) < length:
            rest += self.sock.recv(65536)
        self._rest = rest[length:]
        return head + b"\r\n\r\n" + rest[:length]

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hang(self) -> None:
        """Do nothing until the test is over."""
        self.gone.wait(30)


class RawServer:
    """Keeps what it received; `url` has no slash at its end."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.gone = threading.Event()
        self.connections = 0
        self._served: list[tuple[threading.Thread, Visitor]] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Hang up on everybody; stopping twice does no harm."""
        self.gone.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for thread, visitor in self._served:
            with suppress(OSError):
                visitor.sock.shutdown(socket.SHUT_RDWR)
            thread.join(5)

    def _accept(self) -> None:
        while not self.gone.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            visitor = Visitor(sock, self.connections, self.gone)
            thread = threading.Thread(target=self._serve, args=(visitor,), daemon=True)
            self._served.append((thread, visitor))
            thread.start()

    def _serve(self, visitor: Visitor) -> None:
        with visitor.sock, suppress(OSError):
            visitor.sock.settimeout(30)
            self._behaviour(visitor)


@contextmanager
def raw_server(behaviour: Behaviour) -> Iterator[RawServer]:
    server = RawServer(behaviour)
    try:
        yield server
    finally:
        server.stop()


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    """The bytes of an answer; an underscore in a header's name stands for a dash."""
    lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
