"""The load client tells good answers from bad ones: what it does not see, the load tests do not see."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from bench.edge.client import LoadProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "x-localedge-version: v1\r\n"
REQUESTS = 5


def answer(
    status: str = "200 OK", headers: str = MARK, body: str = "hello", length: int | None = None
) -> bytes:
    announced = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {announced}\r\n\r\n{body}".encode()


@contextmanager
def server(reply: bytes, *, kept: bool = True) -> Iterator[int]:
    """Gives the same answer to each request; its port."""

    def serve(connection: socket.socket) -> None:
        with closing(connection):
            while connection.recv(4096):
                connection.sendall(reply)
                if not kept:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed at the end of the test
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def test_whole_answers_are_counted_by_version() -> None:
    with server(answer()) as port:
        load = LoadProcess(port, "shop.localhost", connections=1, requests=REQUESTS).wait()
    assert (load.good, load.bad, load.versions) == (REQUESTS, 0, {"v1": REQUESTS})


def test_it_ends_when_it_is_told_to() -> None:
    with server(answer()) as port:
        load = LoadProcess(port, "shop.localhost", connections=4).stop()
    assert (load.bad, load.told) == (0, [])


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(status="500 Internal Server Error"), "status 500"),
        (answer(status="502 Bad Gateway", headers=""), "status 502"),
        (answer(headers=""), "no version"),
        (b"HTTP/1.1 200 OK\r\n" + MARK.encode() + b"\r\nhello", "no length"),
    ],
)
def test_other_answers_are_bad(reply: bytes, told: str) -> None:
    with server(reply) as port:
        load = LoadProcess(port, "shop.localhost", connections=1, requests=REQUESTS).wait()
    assert (load.good, load.bad) == (0, REQUESTS)
    assert told in load.told[0]


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200", answer(length=10)])
def test_half_an_answer_is_bad(reply: bytes) -> None:
    with server(reply, kept=False) as port:
        load = LoadProcess(port, "shop.localhost", connections=1, requests=REQUESTS).wait()
    assert (load.good, load.bad) == (0, REQUESTS)


def test_a_connection_that_is_closed_between_two_requests_is_no_loss() -> None:
    with server(answer(), kept=False) as port:
        load = LoadProcess(port, "shop.localhost", connections=1, requests=REQUESTS).wait()
    assert load.bad == 0
    assert load.good == REQUESTS
