"""The stages that every request passes: access log, envelope of errors, authentication, limit of the body.

Each stage is an ASGI application around the next; `build_app` puts them in order.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from localedge.auth import check_access
from localedge.envelope import failed
from localedge.errors import (
    CODE_INTERNAL,
    CODE_MALFORMED,
    CODE_METHOD,
    CODE_TOO_LARGE,
    ApiError,
    Busy,
    Invalid,
    TooLarge,
    no_route,
)
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from localedge.state.model import Identity

access_log = logging.getLogger("localedge.access")
log = logging.getLogger(__name__)

BODY_BYTES_MAX = 100 * 1024 * 1024


class AccessLog:
    """One line a request: method, path, status, time. Queries, headers and bodies may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = 0, time.perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            took_ms = (time.perf_counter() - begun) * 1000
            access_log.info("%s %s %d %.1f ms", scope["method"], _printable(scope["path"]), status, took_ms)


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
            await failed(_as_api_error(error, scope["path"]))(scope, receive, send)


class Authentication:
    """The token and the account. The websocket of a tail and `/metrics` are open: see `auth.py`."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            check_access(self._identity, scope["path"], headers.get(b"authorization", ""))
        await self._app(scope, receive, send)


class BodyLimit:
    """No request's body is larger than the largest upload."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def receive_counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES_MAX:
                raise TooLarge(CODE_TOO_LARGE, f"the body is larger than {BODY_BYTES_MAX} bytes")
            return message

        await self._app(scope, receive_counting if scope["type"] == "http" else receive, send)


def _as_api_error(error: Exception, path: str) -> ApiError:
    """What a failure is for the client."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, HTTPException) and error.status_code == 404:
        return no_route(path)
    if isinstance(error, HTTPException) and error.status_code == 405:
        not_allowed = ApiError(CODE_METHOD, f"Method not allowed for {path}")
        not_allowed.status = 405
        return not_allowed
    if isinstance(error, StorageRefused):
        return _as_refused(error)
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
