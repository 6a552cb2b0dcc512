"""The real wrangler on queues: its `queues` commands, and a deploy with producers and consumers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.queue_workers import backlog, make_queue, push, wait_until, wait_until_empty
from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

ECHO = """
const got = [];
export default {
  async fetch(request, env) {
    if (request.url.endsWith("/send")) await env.JOBS.send({ n: 1 });
    return Response.json(got);
  },
  queue(batch) {
    for (const message of batch.messages) got.push([batch.queue, message.body, message.attempts]);
    if (got.length < 2) throw new Error("the first time it fails");
  },
};
"""


@pytest.fixture
def wrangler(edge: RunningEdge, tmp_path: Path) -> Wrangler:
    made = Wrangler(edge, tmp_path / "project")
    made.write(ECHO, name="unused")
    return made


def test_a_worker_is_deployed_with_its_queues(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    name, letters = f"{script}-jobs", f"{script}-letters"
    queues = {
        "producers": [{"binding": "JOBS", "queue": name}],
        "consumers": [
            {"queue": name, "max_batch_timeout": 0, "max_retries": 4, "dead_letter_queue": letters}
        ],
    }
    wrangler.write(ECHO, name=script, queues=queues)
    printed = wrangler.run("deploy")  # makes the queue
    assert f"Producer for {name}" in printed
    assert f"Consumer for {name}" in printed
    wrangler.run("deploy")  # changes the consumer that is there
    (queue,) = edge.api("GET", "/queues", params={"name": name}).result
    edge.visit(script, "/send")
    wait_until_empty(edge, queue["queue_id"])
    assert edge.visit(script).json() == [[name, {"n": 1}, 1], [name, {"n": 1}, 2]]
    told = wrangler.run("queues", "info", name)
    assert "Number of Producers: 1" in told
    assert f"worker:{script}" in told


def test_the_commands_of_queues(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    name = f"{script}-queue"
    wrangler.run("queues", "create", name, "--delivery-delay-secs", "60")
    assert name in wrangler.run("queues", "list")
    assert "11009" in wrangler.run("queues", "create", name, check=False)
    (queue,) = edge.api("GET", "/queues", params={"name": name}).result
    path = f"/queues/{queue['queue_id']}"
    assert queue["settings"]["delivery_delay"] == 60

    wrangler.run("queues", "update", name, "--message-retention-period-secs", "7200")
    assert edge.api("GET", path).result["settings"]["message_retention_period"] == 7200
    wrangler.run("queues", "pause-delivery", name)
    assert edge.api("GET", path).result["settings"]["delivery_paused"] is True
    wrangler.run("queues", "resume-delivery", name)
    assert edge.api("GET", path).result["settings"]["delivery_paused"] is False

    push(edge, queue["queue_id"], 1, 2)
    wrangler.run("queues", "purge", name, "--force")
    assert backlog(edge, queue["queue_id"]) == 0
    wrangler.run("queues", "delete", name)
    assert edge.api("GET", path).codes == [11000]


def test_consumers_are_added_and_removed(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    name, queue = make_queue(edge)
    wrangler.write(ECHO, name=script, queues={"producers": [{"binding": "JOBS", "queue": name}]})
    wrangler.run("deploy")
    wrangler.run("queues", "consumer", "add", name, script, "--batch-timeout", "0", "--message-retries", "9")
    (consumer,) = edge.api("GET", f"/queues/{queue}/consumers").result
    assert (consumer["settings"]["max_wait_time_ms"], consumer["settings"]["max_retries"]) == (0, 9)
    edge.visit(script, "/send")
    wait_until(lambda: len(edge.visit(script).json()) == 2)
    wrangler.run("queues", "consumer", "remove", name, script)
    assert edge.api("GET", f"/queues/{queue}/consumers").result == []
    wrangler.run("queues", "consumer", "http", "add", name, "--visibility-timeout-secs", "12")
    (consumer,) = edge.api("GET", f"/queues/{queue}/consumers").result
    assert (consumer["type"], consumer["settings"]["visibility_timeout_ms"]) == ("http_pull", 12_000)
    wrangler.run("queues", "consumer", "http", "remove", name)
    assert edge.api("GET", f"/queues/{queue}/consumers").result == []
