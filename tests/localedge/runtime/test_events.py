"""Events that are no requests: crons and batches of queues, as the runtime hands them to a version."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from typing import TYPE_CHECKING

import pytest

from localedge.runtime import EventBroken, EventMessage, StartupFailed, VersionNotUp
from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime

pytestmark = pytest.mark.anyio

METRICS = {"backlog_count": 4, "backlog_bytes": 40, "oldest_message_timestamp_ms": 1_700_000_000_000}

CONSUMER = """
const seen = [];
const shown = (body) => body instanceof ArrayBuffer ? [...new Uint8Array(body)] : body;

export default {
  fetch() { return Response.json(seen); },

  scheduled(controller) {
    seen.push([controller.cron, controller.scheduledTime]);
    if (controller.cron === "bad") throw new Error("not today");
  },

  queue(batch) {
    const bodies = batch.messages.map((message) => [message.id, shown(message.body), message.attempts]);
    seen.push([batch.queue, batch.metadata.metrics.backlogCount, bodies]);
    for (const message of batch.messages) {
      if (message.body === "throw") throw new Error("no");
      if (message.body === "later") message.retry({ delaySeconds: 7 });
      if (message.body === "done") message.ack();
      if (message.body === "all") batch.retryAll({ delaySeconds: 3 });
    }
  },
};
"""


def message(message_id: str, body: bytes, content_type: str = "text") -> EventMessage:
    return EventMessage(message_id, 1_700_000_000_000, 2, content_type, body)


@pytest.fixture
async def consumer(runtime: Runtime) -> str:
    spec = version("v1", CONSUMER)
    await runtime.start_version(spec)
    await runtime.set_splits({spec.script: {spec.version_id: 100}})
    return spec.version_id


async def test_a_cron_runs_and_its_outcome_is_told(
    runtime: Runtime, consumer: str, shop: httpx2.AsyncClient
) -> None:
    assert await runtime.scheduled(consumer, "*/5 * * * *", 1_700_000_100_000) == "ok"
    assert await runtime.scheduled(consumer, "bad", 5) == "exception"
    assert (await shop.get("/")).json() == [["*/5 * * * *", 1_700_000_100_000], ["bad", 5]]


async def test_a_batch_arrives_as_it_was_sent(
    runtime: Runtime, consumer: str, shop: httpx2.AsyncClient
) -> None:
    batch = [message("a", "text é".encode()), message("b", b'{"x":[1]}', "json")]
    result = await runtime.deliver(consumer, "jobs", [*batch, message("c", b"\x00\xff", "bytes")], METRICS)
    assert (result.outcome, result.ack_all, result.retry_all, result.retries) == ("ok", False, False, {})
    assert (await shop.get("/")).json() == [
        ["jobs", 4, [["a", "text é", 2], ["b", {"x": [1]}, 2], ["c", [0, 255], 2]]]
    ]


async def test_acks_and_retries_are_told(runtime: Runtime, consumer: str) -> None:
    batch = [message("a", b"later"), message("b", b"done"), message("c", b"nothing")]
    result = await runtime.deliver(consumer, "jobs", batch, METRICS)
    assert result.acks == frozenset({"b"})
    assert dict(result.retries) == {"a": 7}
    result = await runtime.deliver(consumer, "jobs", [message("a", b"all")], METRICS)
    assert (result.retry_all, result.retry_all_delay_seconds) == (True, 3)
    result = await runtime.deliver(consumer, "jobs", [message("a", b"throw")], METRICS)
    assert result.outcome == "exception"


async def test_a_version_without_a_handler_tells_an_exception(runtime: Runtime) -> None:
    spec = version("v2", "export default { fetch() { return new Response(); } };")
    await runtime.start_version(spec)
    assert await runtime.scheduled(spec.version_id, "* * * * *", 0) == "exception"
    result = await runtime.deliver(spec.version_id, "jobs", [message("a", b"x")], METRICS)
    assert result.outcome == "exception"


async def test_a_version_that_is_not_up_is_told(runtime: Runtime) -> None:
    with pytest.raises(VersionNotUp):
        await runtime.scheduled("nobody", "* * * * *", 0)


async def test_a_process_that_dies_breaks_the_event_off(runtime: Runtime) -> None:
    spec = version("v3", "export default { scheduled() { while (true); } };")
    await runtime.start_version(spec)
    (process,) = [one for one in runtime.processes() if one.name == f"version-{spec.version_id}"]
    running = asyncio.create_task(runtime.scheduled(spec.version_id, "* * * * *", 0))
    await asyncio.sleep(0.5)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(EventBroken):
        await running


async def test_experimental_flags_are_refused_as_on_the_platform(runtime: Runtime) -> None:
    spec = dataclasses.replace(
        version("v4", CONSUMER), compatibility_flags=("nodejs_compat", "service_binding_extra_handlers")
    )
    with pytest.raises(StartupFailed, match="service_binding_extra_handlers is experimental"):
        await runtime.start_version(spec)
    await runtime.start_version(
        dataclasses.replace(version("v5", CONSUMER), compatibility_flags=("nodejs_compat",))
    )
