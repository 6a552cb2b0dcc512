"""Handing on a body from the storage process while it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send


class Relayed(StreamingResponse):
    """A streamed answer that lets its source go, also when the client went away before the first byte."""

    def __init__(
        self, chunks: AsyncIterator[bytes], status_code: int, close: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(chunks, status_code)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()
