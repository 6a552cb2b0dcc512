"""The door for producers: workerd's queue bindings send here, each with the name of its queue in a header."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from localedge.errors import ApiError, Missing
from localedge.queues.codes import CODE_MESSAGE_QUEUE_MISSING
from localedge.queues.intake import (
    checked_batch,
    read_binding_batch,
    read_content_type,
    read_delay_seconds,
)
from localedge.queues.model import NewMessage
from localedge.queues.wiring import DELAY_HEADER, QUEUE_HEADER
from localedge.requests import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.queues.broker import Broker
    from localedge.queues.table import QueueTable

FORMAT_HEADER = "x-msg-fmt"
MESSAGE_DELAY_HEADER = "x-msg-delay-secs"


class ProducersDoor:
    """What `send()` and `sendBatch()` of a Worker's binding reach."""

    def __init__(self, queues: QueueTable, broker: Broker) -> None:
        self._queues = queues
        self._broker = broker

    def app(self) -> Starlette:
        routes = [
            Route("/message", self.message, methods=["POST"]),
            Route("/batch", self.batch, methods=["POST"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]
        return Starlette(routes=routes, exception_handlers={ApiError: _refused})

    async def message(self, request: Request) -> Response:
        """`send()`: the body is the message's."""
        content_type = read_content_type(request.headers.get(FORMAT_HEADER), "v8")
        return self._send(request, [NewMessage(await request.body(), content_type)])

    async def batch(self, request: Request) -> Response:
        """`sendBatch()`."""
        return self._send(request, read_binding_batch(await read_json(request)))

    async def metrics(self, request: Request) -> Response:
        """`metrics()`."""
        return JSONResponse(self._told(_name(request)))

    def _send(self, request: Request, messages: Sequence[NewMessage]) -> Response:
        """A call's own delay goes before the binding's, which goes before the queue's."""
        name = _name(request)
        queue = self._queues.named(name)
        if queue is None:
            raise Missing(CODE_MESSAGE_QUEUE_MISSING, f"Queue {name} does not exist")
        headers = request.headers
        delay = read_delay_seconds(headers.get(MESSAGE_DELAY_HEADER) or headers.get(DELAY_HEADER))
        self._broker.send(queue, checked_batch(messages), delay_seconds=delay)
        return JSONResponse({"metadata": {"metrics": self._told(name)}})

    def _told(self, name: str) -> dict[str, int]:
        """As workerd reads it: times in ms, names in camel case."""
        queue = self._queues.named(name)
        if queue is None:
            raise Missing(CODE_MESSAGE_QUEUE_MISSING, f"Queue {name} does not exist")
        backlog = self._queues.backlog(queue.id)
        return {
            "backlogCount": backlog.count,
            "backlogBytes": backlog.size_bytes,
            "oldestMessageTimestamp": backlog.oldest_ms,
        }


def _name(request: Request) -> str:
    return unquote(request.headers.get(QUEUE_HEADER, ""))


async def _refused(request: Request, error: Exception) -> Response:
    """Workerd tells the Worker the status, and newer ones these headers."""
    del request
    if not isinstance(error, ApiError):
        raise error
    headers = {"CF-Queues-Error-Code": str(error.code), "CF-Queues-Error-Cause": error.message}
    return JSONResponse({"error": error.message}, status_code=error.status, headers=headers)
