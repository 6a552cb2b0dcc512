"""A queue's messages over HTTP: push, pull, acknowledge, look, remove."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import Invalid
from localedge.queues.codes import CODE_CONSUMER_SETTINGS, CODE_MESSAGE_BODY
from localedge.queues.intake import checked_batch, read_api_message, read_delay_seconds
from localedge.requests import read_object
from localedge.resources.queues_lookup import QUEUE, queue_with_messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.queues.model import Consumer, Message, Queue

MESSAGES = f"{QUEUE}/messages"
BATCH_DEFAULT = 5
BATCH_MAX = 100
VISIBILITY_MS_MAX = 43_200_000

SDK = (Client.PYTHON_SDK,)
COVERAGE = (
    Endpoint("POST", MESSAGES, "push one", SDKS),
    Endpoint("POST", f"{MESSAGES}/batch", "push up to 100", SDK),
    Endpoint("POST", f"{MESSAGES}/pull", "lease some, where the consumer is of type `http_pull`", SDKS),
    Endpoint("POST", f"{MESSAGES}/ack", "acknowledge or retry by lease", SDKS),
    Endpoint("POST", f"{MESSAGES}/peek", "look at some without a lease", SDK),
    Endpoint("POST", f"{MESSAGES}/purge", "remove some that were looked at", SDK),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    messages = Messages(edge)
    return [
        Route(MESSAGES, messages.push, methods=["POST"]),
        Route(f"{MESSAGES}/batch", messages.push_batch, methods=["POST"]),
        Route(f"{MESSAGES}/pull", messages.pull, methods=["POST"]),
        Route(f"{MESSAGES}/ack", messages.acknowledge, methods=["POST"]),
        Route(f"{MESSAGES}/peek", messages.peek, methods=["POST"]),
        Route(f"{MESSAGES}/purge", messages.purge, methods=["POST"]),
    ]


class Messages:
    """What goes in and out of a queue."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._broker = edge.broker

    async def push(self, request: Request) -> Response:
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        self._broker.send(queue, checked_batch([read_api_message(body)]))
        return ok(self._metadata(queue))

    async def push_batch(self, request: Request) -> Response:
        """`delay_seconds` is for the messages that have none of their own."""
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        messages = [read_api_message(entry) for entry in _entries(body, "messages")]
        delay = read_delay_seconds(body.get("delay_seconds"))
        self._broker.send(queue, checked_batch(messages), delay_seconds=delay)
        return ok(self._metadata(queue))

    async def pull(self, request: Request) -> Response:
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        consumer = self._pull_consumer(queue)
        size = _number(body, "batch_size", default=BATCH_DEFAULT, lowest=1, highest=BATCH_MAX)
        visibility_ms = _number(
            body,
            "visibility_timeout_ms",
            default=consumer.settings.visibility_timeout_ms,
            lowest=0,
            highest=VISIBILITY_MS_MAX,
        )
        found = self._broker.pull(queue, consumer, batch_size=size, visibility_ms=visibility_ms)
        shown = [{**_show(message), "lease_id": message.lease} for message in found]
        backlog = self._edge.queues.backlog(queue.id).count
        return ok({"message_backlog_count": backlog, "messages": shown, **self._metadata(queue)})

    async def acknowledge(self, request: Request) -> Response:
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        acks = [_lease(entry) for entry in _entries(body, "acks")]
        retries = {
            _lease(entry): read_delay_seconds(entry.get("delay_seconds"))
            for entry in _entries(body, "retries")
        }
        done, again, warnings = self._broker.acknowledge(queue, self._pull_consumer(queue), acks, retries)
        return ok({"ackCount": done, "retryCount": again, "warnings": warnings})

    async def peek(self, request: Request) -> Response:
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        size = _number(body, "batch_size", default=BATCH_DEFAULT, lowest=1, highest=BATCH_MAX)
        found = self._broker.peek(queue, batch_size=size)
        return ok({"messages": [{**_show(message), "ref": message.id} for message in found]})

    async def purge(self, request: Request) -> Response:
        """Messages by the `ref` that `peek` gave them."""
        queue, body = queue_with_messages(self._edge, request), await read_object(request)
        refs = [str(entry.get("ref")) for entry in _entries(body, "refs")]
        missing = self._broker.purge_some(queue, refs)
        return ok({"errors": [], "warnings": dict.fromkeys(missing, "no such message waits here")})

    def _pull_consumer(self, queue: Queue) -> Consumer:
        consumer = self._edge.queues.consumer_of(queue.id)
        if consumer is None or consumer.script is not None:
            message = f"Queue {queue.name} has no consumer of type http_pull; add one first"
            raise Invalid(CODE_CONSUMER_SETTINGS, message)
        return consumer

    def _metadata(self, queue: Queue) -> dict[str, Any]:
        return {"metadata": {"metrics": self._edge.queues.backlog(queue.id).metrics()}}


def _show(message: Message) -> dict[str, Any]:
    """A text as it is, anything else as base64.

    https://developers.cloudflare.com/queues/configuration/pull-consumers/
    """
    text = message.content_type == "text"
    body = message.body.decode("utf-8", "replace") if text else base64.b64encode(message.body).decode()
    return {
        "id": message.id,
        "body": body,
        "attempts": message.attempts,
        "timestamp_ms": message.sent_ms,
        "metadata": {"CF-Content-Type": message.content_type, "CF-sourceMessageSource": "local"},
    }


def _entries(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = body.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid(CODE_MESSAGE_BODY, f"{name} has to be a list of objects")
    return entries


def _lease(entry: Mapping[str, Any]) -> str:
    lease = entry.get("lease_id")
    if not isinstance(lease, str):
        raise Invalid(CODE_MESSAGE_BODY, "every entry needs a lease_id")
    return lease


def _number(body: Mapping[str, Any], name: str, *, default: int, lowest: int, highest: int) -> int:
    given = body.get(name)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int | float) or not lowest <= given <= highest:
        raise Invalid(CODE_MESSAGE_BODY, f"{name} has to be a number from {lowest} to {highest}")
    return int(given)
