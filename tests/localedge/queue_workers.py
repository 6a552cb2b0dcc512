"""Workers that send to queues and consume them, and a hand to read what a consumer has seen."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localedge.client import RunningEdge

NUMBERS = itertools.count(1)
WAIT_SECONDS = 60.0

PRODUCER = """
export default {
  async fetch(request, env) {
    const { messages, options } = await request.json();
    try {
      const sent = messages.length === 1
        ? await env.QUEUE.send(messages[0].body, { ...messages[0], ...options })
        : await env.QUEUE.sendBatch(messages, options);
      return Response.json({ ok: true, sent: sent ?? null });
    } catch (error) {
      return Response.json({ ok: false, message: error.message });
    }
  },
};
"""

CONSUMER = """
const shown = (body) => ArrayBuffer.isView(body) || body instanceof ArrayBuffer
  ? ["bytes", ...new Uint8Array(body)] : body instanceof Date ? ["date", body.toISOString()] : body;

export default {
  async fetch(request, env) {
    const { keys } = await env.SEEN.list();
    return Response.json(await Promise.all(keys.map(({ name }) => env.SEEN.get(name, "json"))));
  },

  async queue(batch, env) {
    const messages = batch.messages.map(({ id, body, attempts }) => ({ id, body: shown(body), attempts }));
    const seen = { queue: batch.queue, messages, at: Date.now() };
    await env.SEEN.put(`${Date.now()}-${crypto.randomUUID()}`, JSON.stringify(seen));
    for (const message of batch.messages) {
      const wish = message.body?.wish?.[message.attempts - 1] ?? message.body?.always;
      if (wish === "ack") message.ack();
      if (wish === "retry") message.retry();
      if (wish === "later") message.retry({ delaySeconds: 2 });
      if (wish === "retryAll") batch.retryAll();
      if (wish === "ackAll") batch.ackAll();
      if (wish === "slow") await new Promise((resolve) => setTimeout(resolve, 3000));
    }
    if (batch.messages.some(({ body, attempts }) =>
      (body?.wish?.[attempts - 1] ?? body?.always) === "throw")) throw new Error("as wished");
  },
};
"""


def make_queue(edge: RunningEdge, **body: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """A queue of a new name; its name and id."""
    name = f"queue-{next(NUMBERS)}"
    answer = edge.api("POST", "/queues", json={"queue_name": name, **body})
    assert answer.status == 200, answer
    return name, str(answer.result["queue_id"])


def add_consumer(edge: RunningEdge, queue_id: str, script: str, letters: str = "", **settings: int) -> str:
    """Have a Worker consume a queue; the consumer's id."""
    body = {
        "type": "worker",
        "script_name": script,
        "dead_letter_queue": letters,
        "settings": {"max_wait_time_ms": 100, **settings},
    }
    answer = edge.api("POST", f"/queues/{queue_id}/consumers", json=body)
    assert answer.status == 200, answer
    return str(answer.result["consumer_id"])


def deploy_producer(edge: RunningEdge, script: str, queue: str, **binding: Any) -> None:  # noqa: ANN401 - JSON
    bindings = [{"type": "queue", "name": "QUEUE", "queue_name": queue, **binding}]
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(PRODUCER, bindings=bindings))
    assert answer.status == 200, answer


def deploy_consumer(edge: RunningEdge, script: str, code: str = CONSUMER) -> None:
    """A consumer that notes in a namespace of its own what it has seen."""
    titled = edge.api("POST", "/storage/kv/namespaces", json={"title": f"seen-{script}"})
    found = edge.api("GET", "/storage/kv/namespaces", params={"per_page": "1000"}).result
    (namespace,) = [one["id"] for one in found if one["title"] == f"seen-{script}"]
    assert titled.status in (200, 400)
    bindings = [{"type": "kv_namespace", "name": "SEEN", "namespace_id": namespace}]
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(code, bindings=bindings))
    assert answer.status == 200, answer


def send(edge: RunningEdge, script: str, *messages: dict[str, Any], **options: Any) -> Any:  # noqa: ANN401 - JSON
    """Have the producer send."""
    port = edge.told["traffic_url"].rpartition(":")[2]
    headers = {"Host": f"{script}.localhost:{port}"}
    body = {"messages": messages, "options": options}
    return edge.http.post(edge.told["traffic_url"], headers=headers, json=body).json()


def push(edge: RunningEdge, queue_id: str, *bodies: Any, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Send through the API."""
    messages = [{"body": body, "content_type": "json"} for body in bodies]
    answer = edge.api("POST", f"/queues/{queue_id}/messages/batch", json={"messages": messages, **more})
    assert answer.status == 200, answer


def seen(edge: RunningEdge, script: str) -> list[dict[str, Any]]:
    """The batches that a consumer got, in order."""
    batches: list[dict[str, Any]] = edge.visit(script).json()
    return batches


def backlog(edge: RunningEdge, queue_id: str) -> int:
    return int(edge.api("GET", f"/queues/{queue_id}/metrics").result["backlog_count"])


def wait_until(holds: Callable[[], bool]) -> None:
    """Until something holds; the tests' own limit of time is far away."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.1)


def wait_until_empty(edge: RunningEdge, queue_id: str) -> None:
    wait_until(lambda: backlog(edge, queue_id) == 0)
