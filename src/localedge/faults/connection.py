"""An HTTP server whose connections can be broken off by the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope, Send
    from uvicorn.config import Config
    from uvicorn.server import ServerState

BREAK_OFF = "localedge.break_off"
"""Where a request's scope has the function that breaks its connection off."""


class BreakableHttp(H11Protocol):
    """uvicorn's protocol; every request carries the way to close its connection without a word."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        app = self.app

        async def app_that_can_break_off(scope: Scope, receive: Receive, send: Send) -> None:
            scope[BREAK_OFF] = self.transport.abort
            await app(scope, receive, send)

        self.app = app_that_can_break_off


async def break_off(scope: Scope, receive: Receive) -> None:
    """Close the connection; returns when the server knows that nobody waits for an answer any more."""
    scope[BREAK_OFF]()
    while (await receive())["type"] != "http.disconnect":
        pass
