"""Queues: create, list, rename, change settings, purge, delete."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Conflict, Invalid
from localedge.queues.codes import CODE_QUEUE_TAKEN
from localedge.queues.forms import read_name, read_queue_settings
from localedge.queues.model import Queue, QueueSettings
from localedge.queues.table import NameTaken
from localedge.requests import page_of, read_object
from localedge.resources.queues_lookup import QUEUE, QUEUES, producers, queue_of, show_queue
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

SDK = (Client.PYTHON_SDK,)
BOTH = (Client.WRANGLER, Client.PYTHON_SDK)
COVERAGE = (
    Endpoint("GET", QUEUES, "list (`page`, `per_page`, `name`)", ALL),
    Endpoint("POST", QUEUES, "create", ALL),
    Endpoint("GET", QUEUE, "one, with its producers and its consumer", SDKS),
    Endpoint("PUT", QUEUE, "rename, and replace all settings", SDK),
    Endpoint("PATCH", QUEUE, "change settings; pause and resume", ALL),
    Endpoint("DELETE", QUEUE, "delete with its consumer and all its messages", ALL),
    Endpoint("GET", f"{QUEUE}/metrics", "how much it holds", SDK),
    Endpoint("POST", f"{QUEUE}/purge", "delete all its messages", BOTH),
    Endpoint("GET", f"{QUEUE}/purge", "when that was done last", SDK),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    queues = Queues(edge)
    return [
        Route(QUEUES, queues.list_all, methods=["GET"]),
        Route(QUEUES, queues.create, methods=["POST"]),
        Route(QUEUE, queues.get, methods=["GET"]),
        Route(QUEUE, queues.replace_settings, methods=["PUT"]),
        Route(QUEUE, queues.change_settings, methods=["PATCH"]),
        Route(QUEUE, queues.delete, methods=["DELETE"]),
        Route(f"{QUEUE}/metrics", queues.metrics, methods=["GET"]),
        Route(f"{QUEUE}/purge", queues.purge, methods=["POST"]),
        Route(f"{QUEUE}/purge", queues.purge_status, methods=["GET"]),
    ]


class Queues:
    """Queues as a whole."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        """`name`, given once or more often, picks some."""
        found, names = self._edge.queues.all(), request.query_params.getlist("name")
        if names:
            found = [queue for queue in found if queue.name in names]
        page, scripts = page_of(request, size=100, size_max=1000), producers(self._edge)
        items = page.cut(found)
        shown = [show_queue(self._edge, queue, scripts.get(queue.name, ())) for queue in items]
        return ok(shown, info=page.info(count=len(items), total=len(found)))

    async def create(self, request: Request) -> Response:
        body, now = await read_object(request), utc_now()
        settings = read_queue_settings(body, QueueSettings())
        return self._stored(Queue(uuid.uuid4().hex, read_name(body), now, now, settings))

    async def get(self, request: Request) -> Response:
        return self._shown(queue_of(self._edge, request))

    async def replace_settings(self, request: Request) -> Response:
        """What the request does not name gets its default."""
        queue, body = queue_of(self._edge, request), await read_object(request)
        settings = read_queue_settings(body, QueueSettings())
        return self._stored(replace(queue, name=read_name(body), settings=settings, modified_on=utc_now()))

    async def change_settings(self, request: Request) -> Response:
        """What the request does not name stays."""
        queue, body = queue_of(self._edge, request), await read_object(request)
        name = read_name(body) if "queue_name" in body else queue.name
        settings = read_queue_settings(body, queue.settings)
        return self._stored(replace(queue, name=name, settings=settings, modified_on=utc_now()))

    async def delete(self, request: Request) -> Response:
        queue = queue_of(self._edge, request)
        self._edge.queues.delete(queue.id)
        self._edge.broker.wake(queue.id)
        return ok(None)

    async def metrics(self, request: Request) -> Response:
        return ok(self._edge.queues.backlog(queue_of(self._edge, request).id).metrics())

    async def purge(self, request: Request) -> Response:
        """It asks for a confirmation in the body, as on the platform."""
        queue, body = queue_of(self._edge, request), await read_object(request)
        if body.get("delete_messages_permanently") is not True:
            message = "purging deletes all messages: confirm it by delete_messages_permanently: true"
            raise Invalid(CODE_MALFORMED, message)
        self._edge.broker.purge(queue)
        return self._stored(replace(queue, purged_on=utc_now()))

    async def purge_status(self, request: Request) -> Response:
        purged_on = queue_of(self._edge, request).purged_on
        return ok({"completed": str(purged_on is not None).lower(), "started_at": purged_on})

    def _stored(self, queue: Queue) -> Response:
        try:
            self._edge.queues.put(queue)
        except NameTaken as taken:
            message = f"Queue name '{queue.name}' is already taken. Please use a different name."
            raise Conflict(CODE_QUEUE_TAKEN, message) from taken
        self._edge.broker.wake(queue.id)
        return self._shown(queue)

    def _shown(self, queue: Queue) -> Response:
        return ok(show_queue(self._edge, queue, producers(self._edge).get(queue.name, ())))
