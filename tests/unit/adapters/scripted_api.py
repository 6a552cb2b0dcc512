"""An API that answers what a test has written down, call by call, and remembers what it was asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.cloudflare.access import Access
from headgate.adapters.cloudflare.client import ApiClient
from headgate.adapters.http_client import HttpClient
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.raw_server import Visitor, answer, raw_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACCOUNT = "0123456789abcdef0123456789abcdef"
TOKEN = "hush-hush-token"
HANG_UP = b""
"""Instead of an answer the connection is closed."""


@dataclass
class Scripted:
    """The client under test, and what happened."""

    api: ApiClient
    access: Access
    clock: FixedClock
    log: MemoryCallLog
    requests: list[bytes] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The request lines without version and prefix."""
        lines = [request.split(b"\r\n")[0].decode().split(" ") for request in self.requests]
        return [f"{method} {path.removeprefix('/v4')}" for method, path, _ in lines]


@contextmanager
def scripted_api(*answers: bytes) -> Iterator[Scripted]:
    """Each request gets the next answer; one more than there are gets the connection closed."""
    left = list(answers)
    requests: list[bytes] = []

    def serve(visitor: Visitor) -> None:
        while request := visitor.request():
            requests.append(request)
            data = left.pop(0) if left else HANG_UP
            if data == HANG_UP:
                return
            visitor.send(data)

    with raw_server(serve) as server, HttpClient(user_agent="headgate/test", timeout_seconds=5) as http:
        access = Access(f"{server.url}/v4", ACCOUNT, TOKEN, "the test", "Switch it on.")
        clock, log = FixedClock(), MemoryCallLog()
        yield Scripted(ApiClient(access, http, calls=log, clock=clock), access, clock, log, requests)


def done(result: object = None) -> bytes:
    return answer(200, json.dumps({"success": True, "errors": [], "messages": [], "result": result}).encode())


def refused(status: int, code: int, message: str = "no", **headers: str) -> bytes:
    errors: Sequence[dict[str, Any]] = [{"code": code, "message": message}]
    body = {"success": False, "errors": errors, "messages": [], "result": None}
    return answer(status, json.dumps(body).encode(), **headers)
