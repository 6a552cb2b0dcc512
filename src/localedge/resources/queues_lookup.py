"""The queue and the consumer that a request names, and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_QUEUE_MISSING, Missing
from localedge.queues.codes import CODE_CONSUMER_MISSING, CODE_MESSAGE_QUEUE_MISSING
from localedge.queues.forms import show_consumer_settings, show_queue_settings
from localedge.resources import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.queues.model import Consumer, Queue

QUEUES = f"{ACCOUNT}/queues"
QUEUE = QUEUES + "/{queue}"


def queue_of(edge: Edge, request: Request, *, code: int = CODE_QUEUE_MISSING) -> Queue:
    """The queue in the path, by its id."""
    queue_id = request.path_params["queue"]
    queue = edge.queues.get(queue_id)
    if queue is None:
        raise Missing(code, f"Queue does not exist: {queue_id}")
    return queue


def queue_with_messages(edge: Edge, request: Request) -> Queue:
    """The same, where messages are meant: their part of the platform has a code of its own."""
    return queue_of(edge, request, code=CODE_MESSAGE_QUEUE_MISSING)


def consumer_of(edge: Edge, request: Request) -> Consumer:
    """The consumer in the path."""
    consumer = edge.queues.consumer_of(queue_of(edge, request).id)
    if consumer is None or consumer.id != request.path_params["consumer"]:
        message = f"the queue has no consumer {request.path_params['consumer']}"
        raise Missing(CODE_CONSUMER_MISSING, message)
    return consumer


def producers(edge: Edge) -> Mapping[str, Sequence[str]]:
    """Queue name -> the Workers that serve with a binding to it."""
    found: dict[str, list[str]] = {}
    for script in edge.workers.scripts():
        deployment = edge.workers.current_deployment(script.name)
        versions = [
            edge.workers.version(script.name, version_id)
            for version_id in (deployment.version_ids if deployment else ())
        ]
        bindings = [binding for version in versions if version for binding in version.bindings]
        for name in {str(binding.get("queue_name")) for binding in bindings if binding["type"] == "queue"}:
            found.setdefault(name, []).append(script.name)
    return found


def show_queue(edge: Edge, queue: Queue, scripts: Sequence[str]) -> dict[str, Any]:
    """A queue with its producers and its consumer."""
    consumer = edge.queues.consumer_of(queue.id)
    consumers = [show_consumer(consumer, queue)] if consumer else []
    return {
        "queue_id": queue.id,
        "queue_name": queue.name,
        "created_on": queue.created_on,
        "modified_on": queue.modified_on,
        "settings": show_queue_settings(queue.settings),
        "producers": [{"type": "worker", "script": script} for script in scripts],
        "producers_total_count": len(scripts),
        "consumers": consumers,
        "consumers_total_count": len(consumers),
    }


def show_consumer(consumer: Consumer, queue: Queue) -> dict[str, Any]:
    """As the published schema has it, and `script`, which wrangler reads."""
    shown = {
        "consumer_id": consumer.id,
        "queue_id": queue.id,
        "queue_name": queue.name,
        "created_on": consumer.created_on,
        "type": consumer.type,
        "dead_letter_queue": consumer.dead_letter_queue,
        "settings": show_consumer_settings(consumer.settings, pulls=consumer.script is None),
    }
    if consumer.script is None:
        return shown
    return {**shown, "script": consumer.script, "script_name": consumer.script}
