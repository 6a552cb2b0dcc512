"""A load client in a process of its own: keep-alive connections, one request at a time on each, no library.

    python bench/edge/client.py --port 8787 --host shop.localhost --seconds 3

prints one line of JSON, a `Load`. It ends after `--seconds`, `--requests`, or when its standard input is
closed.
What a server may close between two requests it asks for once more on a new connection (RFC 9110, 9.2.2).
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

BAD_TOLD_MAX = 20
HEADS_KNOWN_MAX = 1000
ANSWER_SECONDS = 30.0
PIECE_BYTES = 64 * 1024
VERSION = b"\r\nx-localedge-version: "


@dataclass
class Load:
    """What became of the requests. `good` are whole answers of status 200, in `versions` by version."""

    good: int = 0
    bad: int = 0
    told: list[str] = field(default_factory=list)
    """The first few bad ones, in words."""
    versions: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds

    def note_bad(self, why: str) -> None:
        self.bad += 1
        if len(self.told) < BAD_TOLD_MAX:
            self.told.append(why)


@dataclass(frozen=True)
class _Head:
    """Of an answer: how long its body is, the version that gave it, and why it is bad if it is."""

    body_bytes: int
    version: str
    problem: str = ""


class _Visitor:
    """One connection, and the answer that is awaited on it."""

    def __init__(self, port: int, request: bytes) -> None:
        self._address = ("127.0.0.1", port)
        self._request = request

    def connect(self) -> None:
        self.socket = socket.create_connection(self._address, timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_fresh = True

    def ask(self) -> None:
        self.received = b""
        self.since = time.monotonic()
        self.socket.sendall(self._request)


class Client:
    """Runs `connections` visitors at once until `seconds` are over or `requests` are answered."""

    def __init__(
        self, port: int, request: bytes, *, connections: int, marked: bool, seconds: float, requests: int
    ) -> None:
        self._poll = select.epoll()
        self._visiting: dict[int, _Visitor] = {}
        self._heads: dict[bytes, _Head] = {}
        self._marked = marked
        self._seconds = seconds
        self._requests = requests
        self._over = False
        self._now = self._began = time.monotonic()
        self._load = Load()
        for _ in range(connections):
            self._begin(_Visitor(port, request))

    def run(self) -> Load:
        """Until the last answer is there, or will not come any more."""
        stdin = sys.stdin.fileno()
        self._poll.register(stdin, select.EPOLLIN | select.EPOLLHUP)
        while self._visiting and self._now - self._began < self._seconds + ANSWER_SECONDS:
            ready = self._poll.poll(1.0)
            self._now = time.monotonic()
            for descriptor, _ in ready:
                if descriptor == stdin:
                    self._over = True
                    self._poll.unregister(stdin)
                else:
                    self._go_on(descriptor)
            if not ready:
                self._give_up_late_ones()
        self._load.seconds = self._now - self._began
        return self._load

    def _is_enough(self) -> bool:
        answered = self._load.good + self._load.bad
        return answered >= self._requests or self._now - self._began > self._seconds

    def _begin(self, visitor: _Visitor) -> None:
        visitor.connect()
        self._visiting[visitor.socket.fileno()] = visitor
        self._poll.register(visitor.socket, select.EPOLLIN)
        visitor.ask()

    def _end(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._visiting.pop(descriptor).socket.close()

    def _go_on(self, descriptor: int) -> None:
        visitor = self._visiting[descriptor]
        is_kept = self._read(visitor)
        if is_kept is None:
            return
        self._over = self._over or self._is_enough()
        if is_kept and not self._over:
            visitor.ask()
            return
        self._end(descriptor)
        if not self._over:
            self._begin(visitor)

    def _give_up_late_ones(self) -> None:
        for descriptor, visitor in list(self._visiting.items()):
            if self._now - visitor.since > ANSWER_SECONDS:
                self._load.note_bad("no answer in time")
                self._end(descriptor)

    def _read(self, visitor: _Visitor) -> bool | None:
        """Whether the answer is whole and the connection can be used again; None if more has to come."""
        try:
            piece = visitor.socket.recv(PIECE_BYTES)
        except OSError as error:
            piece = b""
            problem = repr(error)
        else:
            problem = "closed"
        if not piece:
            # Closed between two requests, as it may be: asked once more on a new connection.
            if visitor.received or visitor.is_fresh:
                self._load.note_bad(f"{problem} after {len(visitor.received)} bytes")
            return False
        visitor.received += piece
        head, end, body = visitor.received.partition(b"\r\n\r\n")
        if not end:
            return None
        known = self._heads.get(head) or self._learn(head)
        if len(body) < known.body_bytes:
            return None
        visitor.is_fresh = False
        if known.problem:
            self._load.note_bad(f"{known.problem} {body[:80]!r}")
            return False
        self._load.good += 1
        self._load.versions[known.version] += 1
        return True

    def _learn(self, head: bytes) -> _Head:
        """Take an answer's head apart. They repeat, so they are remembered."""
        status = head[9:12].decode(errors="replace")
        length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        version = head.partition(VERSION)[2].partition(b"\r\n")[0].decode()
        if status != "200":
            problem = f"status {status}"
        elif not length:
            problem = "no length"
        else:
            problem = "no version" if self._marked and not version else ""
        if len(self._heads) > HEADS_KNOWN_MAX:
            self._heads.clear()
        self._heads[head] = _Head(int(length or 0), version, problem)
        return self._heads[head]


class LoadProcess:
    """The client as a process: runs from the moment it is made until `stop` or its bounds."""

    def __init__(self, port: int, host: str, **options: Any) -> None:  # noqa: ANN401 - as on the command line
        given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [sys.executable, __file__, f"--port={port}", f"--host={host}", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> Load:
        """See the requests under way to their end, and tell."""
        return self._told("")

    def wait(self) -> Load:
        """Until it has sent what it was to send."""
        assert self._process.stdout is not None
        return self._told(self._process.stdout.readline())

    def _told(self, line: str) -> Load:
        rest, _ = self._process.communicate(timeout=2 * ANSWER_SECONDS)
        told = json.loads(line or rest)
        return Load(**{**told, "versions": Counter(told["versions"])})


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Load a Worker on loopback, and count what is answered.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", required=True, help="Host header")
    parser.add_argument("--path", default="/")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--requests", type=int, default=10**9)
    parser.add_argument("--marked", type=int, default=1, help="1: an answer has to name its version")
    given = parser.parse_args()
    request = f"GET {given.path} HTTP/1.1\r\nHost: {given.host}\r\n\r\n".encode()
    client = Client(
        given.port,
        request,
        connections=given.connections,
        marked=bool(given.marked),
        seconds=given.seconds,
        requests=given.requests,
    )
    print(json.dumps(vars(client.run())))


if __name__ == "__main__":
    main()
