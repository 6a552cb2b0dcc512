"""A websocket server that forgives frames without a mask, as the platform does.

`wrangler tail` sends its first frame so. The standard forbids it, and the library would end the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

MASKED = 0x80
LENGTH = 0x7F
LENGTH_BYTES = {126: 2, 127: 8}
MASK_BYTES = 4


class Masker:
    """Gives a mask of zeros, which changes nothing, to the frames that came without one."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._body_left = 0

    def feed(self, data: bytes) -> bytes:
        """What can be handed on of the stream so far; half a head is kept until the rest of it comes."""
        self._waiting += data
        ready = bytearray()
        while self._waiting and (self._body_left or self._take_head(ready)):
            body = self._waiting[: self._body_left]
            del self._waiting[: len(body)]
            self._body_left -= len(body)
            ready += body
        return bytes(ready)

    def _take_head(self, ready: bytearray) -> bool:
        """Move the head of a frame over, with a mask; False when it is not whole yet."""
        if len(self._waiting) < 2:
            return False
        first, second = self._waiting[0], self._waiting[1]
        more = LENGTH_BYTES.get(second & LENGTH, 0)
        if len(self._waiting) < 2 + more:
            return False
        length = self._waiting[2 : 2 + more]
        self._body_left = int.from_bytes(length, "big") if more else second & LENGTH
        ready += bytes((first, second | MASKED)) + length
        if second & MASKED:
            self._body_left += MASK_BYTES
        else:
            ready += bytes(MASK_BYTES)
        del self._waiting[: 2 + more]
        return True


class ForgivingWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with every incoming frame masked before it is parsed."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self._masker = Masker()

    def data_received(self, data: bytes) -> None:
        """The first bytes are the handshake, all later ones are frames."""
        super().data_received(self._masker.feed(data) if self.handshake_complete else data)
