"""A local HTTP server whose answers a test writes itself, byte for byte, and which hangs up when told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Received:
    """One request: its method, and which one it was on its connection and of all, counted from 1."""

    method: str
    on_connection: int
    in_all: int


@dataclass(frozen=True)
class Reply:
    """What is sent, and whether the connection is closed after it."""

    data: bytes
    then_hang_up: bool = False


Answering = Callable[[Received], Reply]


def answer(
    status: int = 200, version: str | None = "v1", body: bytes = b"{}", length: int | None = None
) -> bytes:
    """The bytes of an answer, which claims `length` bytes of body whatever is sent."""
    head = f"HTTP/1.1 {status} So\r\nContent-Length: {len(body) if length is None else length}\r\n"
    if version:
        head += f"x-localedge-version: {version}\r\n"
    return head.encode() + b"\r\n" + body


class OddServer(socketserver.ThreadingTCPServer):
    """Asks `answering` for the reply to each request and remembers what it received."""

    daemon_threads = True
    request_queue_size = 64  # so that many visitors at once need not knock twice

    def __init__(self, answering: Answering) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answering = answering
        self.received: list[Received] = []
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        port = self.server_address[1]
        assert isinstance(port, int)
        return port


class _Connection(socketserver.StreamRequestHandler):
    server: OddServer

    def handle(self) -> None:
        on_connection = 0
        while (method := self._read_request()) is not None:
            on_connection += 1
            with self.server.lock:
                received = Received(method, on_connection, len(self.server.received) + 1)
                self.server.received.append(received)
            reply = self.server.answering(received)
            self.wfile.write(reply.data)
            if reply.then_hang_up:
                return

    def _read_request(self) -> str | None:
        first = self.rfile.readline()
        length = 0
        while (line := self.rfile.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        self.rfile.read(length)
        return first.split()[0].decode() if first else None


@contextmanager
def odd_server(answering: Answering) -> Iterator[OddServer]:
    """Serve until the block ends."""
    with OddServer(answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
