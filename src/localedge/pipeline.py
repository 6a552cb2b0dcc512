"""The stages that every request passes: access log, errors, authentication, limits of calls and of bodies.

Each stage is an ASGI application around the next; `build_app` puts them in order.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from localedge.access.guard import Question
from localedge.envelope import failed
from localedge.errors import (
    CODE_AUTHENTICATION,
    CODE_INTERNAL,
    CODE_MALFORMED,
    CODE_TOO_LARGE,
    ApiError,
    Busy,
    Forbidden,
    Invalid,
    TooLarge,
    no_method,
    no_route,
)
from localedge.requests import CALLER
from localedge.resources import ROOT
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from localedge.access.access import Access
    from localedge.access.limit import RateLimit

access_log = logging.getLogger("localedge.access")
log = logging.getLogger(__name__)

BODY_BYTES_MAX = 100 * 1024 * 1024
OWN_PATHS = "/edge/"


class AccessLog:
    """A line a request: method, path, status, time, client. Queries, headers and bodies may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        status, begun = 0, time.perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            took_ms = (time.perf_counter() - begun) * 1000
            access_log.info("%s %d %.1f ms %s", _asked(scope), status, took_ms, _client(scope))


def _asked(scope: Scope) -> str:
    """Method and path. The last part of a WebSocket's address is its secret."""
    path: str = scope["path"]
    if scope["type"] == "websocket":
        return f"WebSocket {_printable(path.rpartition('/')[0])}/-"
    return f"{scope['method']} {_printable(path)}"


CLIENT = re.compile(rb"[\w.+/-]{1,60}")


def _client(scope: Scope) -> str:
    """The product that the user agent names, without what follows it; `-` if it names none."""
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    named = CLIENT.match(agent)
    return named[0].decode("ascii") if named else "-"


class ErrorEnvelope:
    """Every failure leaves as an envelope, also one that nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the last place that can answer: a defect must not look like a hang
            await failed(_as_api_error(error, scope["method"], scope["path"]))(scope, receive, send)


BRINGS_ITS_TOKEN = re.compile(rf"{ROOT}/accounts/[^/]+/workers/assets/upload")
"""The token of an upload session, which the resource reads."""


class Authentication:
    """Who may ask what.

    What is outside the API (`/metrics`, a tail's websocket) is open to whoever reaches it: the edge listens
    on loopback only. The edge's own paths are open to its own token alone.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._guard = access.guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._check(scope)
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        path: str = scope["path"]
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        authorization = headers.get(b"authorization", "")
        if BRINGS_ITS_TOKEN.fullmatch(path):
            return
        if path.startswith(f"{ROOT}/"):
            address = scope["client"][0] if scope.get("client") else "127.0.0.1"
            question = Question(scope["method"], path.removeprefix(f"{ROOT}/"), authorization, address)
            scope[CALLER] = self._guard.admit(question)
        elif path.startswith(OWN_PATHS) and not self._guard.is_root(authorization):
            raise Forbidden(CODE_AUTHENTICATION, "only the edge's own token (it is in edge.json) opens this")


class RateLimiting:
    """So many calls of the API in so much time, when that is switched on."""

    def __init__(self, app: ASGIApp, limit: RateLimit) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if CALLER not in scope or self._limit.quota is None:
            await self._app(scope, receive, send)
            return

        async def send_telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [(name.encode(), value.encode()) for name, value in self._limit.headers().items()]
                message["headers"] = [*message["headers"], *told]
            await send(message)

        try:
            self._limit.take()
        except ApiError as throttled:
            await failed(throttled)(scope, receive, send_telling)
        else:
            await self._app(scope, receive, send_telling)


class BodyLimit:
    """No request's body is larger than the largest upload, but where a path takes more."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        """`larger` maps paths as routes have them to bytes."""
        self._app = app
        self._larger = [(compile_path(path)[0], bytes_max) for path, bytes_max in larger.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        bytes_max = self._bytes_max(scope) if scope["type"] == "http" else 0

        async def receive_counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > bytes_max:
                raise TooLarge(CODE_TOO_LARGE, f"the body is larger than {bytes_max} bytes")
            return message

        await self._app(scope, receive_counting if scope["type"] == "http" else receive, send)

    def _bytes_max(self, scope: Scope) -> int:
        found = (bytes_max for pattern, bytes_max in self._larger if pattern.match(scope["path"]))
        return next(found, BODY_BYTES_MAX)


def _as_api_error(error: Exception, method: str, path: str) -> ApiError:
    """What a failure is for the client."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, HTTPException) and error.status_code == 404:
        return no_route(path)
    if isinstance(error, HTTPException) and error.status_code == 405:
        return no_method(method)
    if isinstance(error, StorageRefused):
        return _as_refused(error)
    if isinstance(error, ClientDisconnect):
        return Invalid(CODE_MALFORMED, "the client went away before it had sent all of its body")
    log.error("request to %s failed", _printable(path), exc_info=error)
    if isinstance(error, OSError | sqlite3.OperationalError):
        return ApiError(CODE_INTERNAL, f"the local edge could not read or write its state: {error}")
    return ApiError(
        CODE_INTERNAL, "the local edge failed at this request; its log (headgate edge logs) says why"
    )


def _as_refused(error: StorageRefused) -> ApiError:
    """The store's own words: what it refuses the client cannot have, what it can't do now it may do later."""
    if error.status < 500:
        return Invalid(CODE_MALFORMED, str(error))
    return Busy(CODE_INTERNAL, str(error))


def _printable(path: str) -> str:
    return path.encode("unicode_escape").decode("ascii")
