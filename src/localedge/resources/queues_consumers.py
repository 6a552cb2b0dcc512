"""The consumer of a queue: a Worker, or whoever pulls over HTTP. A queue has at most one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import Conflict, Invalid, script_missing
from localedge.queues.codes import CODE_CONSUMER_SETTINGS, CODE_CONSUMER_TAKEN
from localedge.queues.forms import read_consumer_settings, read_name
from localedge.queues.model import Consumer, Queue
from localedge.requests import read_object
from localedge.resources.queues_lookup import QUEUE, consumer_of, queue_of, show_consumer
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

CONSUMERS = f"{QUEUE}/consumers"
CONSUMER = CONSUMERS + "/{consumer}"
TYPES = ("worker", "http_pull")

SDK = (Client.PYTHON_SDK,)
BOTH = (Client.WRANGLER, Client.PYTHON_SDK)
COVERAGE = (
    Endpoint("GET", CONSUMERS, "list: none or one", SDKS),
    Endpoint("POST", CONSUMERS, "add: `worker` or `http_pull`", ALL),
    Endpoint("GET", CONSUMER, "one", SDK),
    Endpoint("PUT", CONSUMER, "replace its settings", BOTH),
    Endpoint("DELETE", CONSUMER, "remove; the messages stay", BOTH),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    consumers = Consumers(edge)
    return [
        Route(CONSUMERS, consumers.list_all, methods=["GET"]),
        Route(CONSUMERS, consumers.add, methods=["POST"]),
        Route(CONSUMER, consumers.get, methods=["GET"]),
        Route(CONSUMER, consumers.change, methods=["PUT"]),
        Route(CONSUMER, consumers.remove, methods=["DELETE"]),
    ]


class Consumers:
    """Who takes a queue's messages."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        queue = queue_of(self._edge, request)
        consumer = self._edge.queues.consumer_of(queue.id)
        return ok([show_consumer(consumer, queue)] if consumer else [])

    async def add(self, request: Request) -> Response:
        queue, body = queue_of(self._edge, request), await read_object(request)
        if self._edge.queues.consumer_of(queue.id) is not None:
            message = f"Queue {queue.name} already has a consumer; remove it first"
            raise Conflict(CODE_CONSUMER_TAKEN, message)
        return self._stored(self._read(body, queue, uuid.uuid4().hex, utc_now()), queue)

    async def get(self, request: Request) -> Response:
        return ok(show_consumer(consumer_of(self._edge, request), queue_of(self._edge, request)))

    async def change(self, request: Request) -> Response:
        before, body = consumer_of(self._edge, request), await read_object(request)
        queue = queue_of(self._edge, request)
        return self._stored(self._read(body, queue, before.id, before.created_on), queue)

    async def remove(self, request: Request) -> Response:
        consumer = consumer_of(self._edge, request)
        self._edge.queues.delete_consumer(consumer.id)
        self._edge.broker.wake(consumer.queue_id)
        return ok(None)

    def _read(self, body: Mapping[str, Any], queue: Queue, consumer_id: str, created_on: str) -> Consumer:
        kind = body.get("type")
        if kind not in TYPES:
            raise Invalid(CODE_CONSUMER_SETTINGS, f"type has to be one of {', '.join(TYPES)}, not {kind!r}")
        return Consumer(
            id=consumer_id,
            queue_id=queue.id,
            script=self._script(body) if kind == "worker" else None,
            dead_letter_queue=self._letters(body),
            settings=read_consumer_settings(body),
            created_on=created_on,
        )

    def _script(self, body: Mapping[str, Any]) -> str:
        """The name is in `script_name`, as the published schema has it, or in `script`."""
        name = body.get("script_name") or body.get("script") or body.get("service")
        if not isinstance(name, str):
            raise Invalid(CODE_CONSUMER_SETTINGS, "a consumer of type worker needs a script_name")
        if self._edge.workers.script(name) is None:
            raise script_missing(name)
        return name

    @staticmethod
    def _letters(body: Mapping[str, Any]) -> str:
        name = body.get("dead_letter_queue")
        return read_name({"queue_name": name}) if name else ""

    def _stored(self, consumer: Consumer, queue: Queue) -> Response:
        """A dead letter queue that is not there is made, as on the platform."""
        letters = consumer.dead_letter_queue
        if letters and self._edge.queues.named(letters) is None:
            now = utc_now()
            self._edge.queues.put(Queue(uuid.uuid4().hex, letters, now, now))
        self._edge.queues.put_consumer(consumer)
        self._edge.broker.wake(queue.id)
        return ok(show_consumer(consumer, queue))
