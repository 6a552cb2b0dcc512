"""Answers as Cloudflare gives them when something is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from localedge.faults.rules import Fault

HTML = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {reason}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
GARBAGE = b"upstream connect error or disconnect/reset before headers"
ANSWER_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    async def send(self, send: Send) -> None:
        headers = [*self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def answer_of(fault: Fault) -> Answer:
    """The answer of a status, in HTML or in the envelope."""
    if fault.html:
        reason = _reason(fault.status)
        return _whole(fault, b"text/html", HTML.format(status=fault.status, reason=reason).encode())
    errors = [{"code": fault.code, "message": fault.message}]
    envelope = {"success": False, "errors": errors, "messages": [], "result": None}
    return _whole(fault, b"application/json", json.dumps(envelope).encode())


def garbage() -> Answer:
    """Status 200, said to be JSON, and none."""
    headers = ((b"content-type", b"application/json"), (b"content-length", str(len(GARBAGE)).encode()))
    return Answer(200, headers, GARBAGE)


class Recording:
    """Takes an answer instead of the client. A body that is too long is not kept: `answer` is None then."""

    def __init__(self) -> None:
        self._status = 0
        self._headers: tuple[tuple[bytes, bytes], ...] = ()
        self._body = bytearray()
        self._too_long = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], tuple(message["headers"])
        elif message["type"] == "http.response.body":
            self._too_long |= len(self._body) + len(message.get("body", b"")) > ANSWER_BYTES_MAX
            if not self._too_long:
                self._body += message.get("body", b"")

    @property
    def status(self) -> int:
        return self._status

    @property
    def answer(self) -> Answer | None:
        return (
            None
            if self._too_long or not self._status
            else Answer(self._status, self._headers, bytes(self._body))
        )


def question(scope: Scope, path: str, query: str) -> tuple[Scope, Receive]:
    """A GET of another path by the same client."""
    asked = {
        **scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [header for header in scope["headers"] if not header[0].startswith(b"content-")],
    }

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    return asked, nothing


def _whole(fault: Fault, kind: bytes, body: bytes) -> Answer:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if fault.retry_after_seconds is not None:
        headers.append((b"retry-after", str(fault.retry_after_seconds).encode()))
    return Answer(fault.status, tuple(headers), body)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # Cloudflare's own, 520 to 530
        return "Web server is returning an unknown error"
