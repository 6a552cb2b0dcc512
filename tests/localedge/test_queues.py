"""Queues as Workers have them: real producers and consumers, batches, retries, dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.queue_workers import (
    CONSUMER,
    add_consumer,
    backlog,
    deploy_consumer,
    deploy_producer,
    make_queue,
    push,
    seen,
    send,
    wait_until,
    wait_until_empty,
)

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def bodies(edge: RunningEdge, script: str) -> list[Any]:
    """What the consumer got, of all batches."""
    return [message["body"] for batch in seen(edge, script) for message in batch["messages"]]


def attempts(edge: RunningEdge, script: str) -> list[int]:
    return [message["attempts"] for batch in seen(edge, script) for message in batch["messages"]]


def test_what_a_worker_sends_another_gets(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge)
    deploy_producer(edge, f"{script}-p", name)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script)
    assert send(edge, f"{script}-p", {"body": {"n": 1}})["ok"]
    assert send(edge, f"{script}-p", {"body": "two", "contentType": "text"}, {"body": [3]})["ok"]
    wait_until_empty(edge, queue)
    assert {batch["queue"] for batch in seen(edge, script)} == {name}
    assert sorted(map(str, bodies(edge, script))) == ["[3]", "two", "{'n': 1}"]


def test_every_kind_of_body_arrives_as_it_was(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge)
    code = """
    export default { async fetch(request, env) {
      await env.QUEUE.send(new Date(0), { contentType: "v8" });
      await env.QUEUE.send(new Uint8Array([0, 255]), { contentType: "bytes" });
      await env.QUEUE.sendBatch([
        { body: "gr\\u00fc\\u00df", contentType: "text" }, { body: { a: null }, contentType: "json" },
      ]);
      const { backlogCount } = await env.QUEUE.metrics();
      return new Response(String(backlogCount));
    } };
    """
    bindings = [{"type": "queue", "name": "QUEUE", "queue_name": name}]
    edge.api("PUT", f"/workers/scripts/{script}-p", **edge.form(code, bindings=bindings))
    assert edge.visit(f"{script}-p").text == "4"
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script)
    wait_until_empty(edge, queue)
    expected = [["date", "1970-01-01T00:00:00.000Z"], ["bytes", 0, 255], "gr\u00fc\u00df", {"a": None}]
    assert sorted(map(str, bodies(edge, script))) == sorted(map(str, expected))


def test_batches_go_when_they_are_full_or_their_time_is_up(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    push(edge, queue, *range(7))
    add_consumer(edge, queue, script, batch_size=3, max_wait_time_ms=1500, max_concurrency=1)
    wait_until_empty(edge, queue)
    assert sorted(len(batch["messages"]) for batch in seen(edge, script)) == [1, 3, 3]


def test_a_message_that_fails_comes_again_until_it_is_a_dead_letter(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    letters, letters_id = make_queue(edge)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script, letters, max_retries=2)
    push(edge, queue, {"always": "retry"}, {"wish": ["retry", "ack"]}, {"wish": ["ack"]})
    wait_until_empty(edge, queue)
    assert sorted(attempts(edge, script)) == [1, 1, 1, 2, 2, 3]
    (letter,) = edge.api("POST", f"/queues/{letters_id}/messages/peek", json={}).result["messages"]
    assert letter["attempts"] == 0
    assert backlog(edge, letters_id) == 1
    deploy_consumer(edge, f"{script}-l")
    add_consumer(edge, letters_id, f"{script}-l")
    wait_until_empty(edge, letters_id)
    batch = seen(edge, f"{script}-l")[0]
    assert (batch["queue"], batch["messages"][0]["attempts"]) == (letters, 1)


def test_an_exception_spares_what_was_acknowledged(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    push(edge, queue, {"wish": ["ack"]}, {"wish": ["throw", "ack"]}, {"wish": [None, "ack"]})
    add_consumer(edge, queue, script, batch_size=3)
    wait_until_empty(edge, queue)
    wishes = [message["body"]["wish"][0] for batch in seen(edge, script)[1:] for message in batch["messages"]]
    assert sorted(map(str, wishes)) == ["None", "throw"]


def test_without_a_dead_letter_queue_messages_are_dropped(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script, max_retries=1)
    push(edge, queue, {"always": "throw"})
    wait_until_empty(edge, queue)
    assert attempts(edge, script) == [1, 2]


def test_delays_hold_messages_back(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge, settings={"delivery_delay": 3})
    deploy_producer(edge, f"{script}-p", name)
    deploy_producer(edge, f"{script}-q", name, delivery_delay=0)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script, batch_size=1)
    send(edge, f"{script}-p", {"body": "the queue's"})
    send(edge, f"{script}-q", {"body": "the binding's"})
    send(edge, f"{script}-p", {"body": "its own"}, delaySeconds=0)
    send(edge, f"{script}-q", {"body": {"name": "again", "wish": ["later"]}})
    wait_until_empty(edge, queue)
    batches = {str(batch["messages"]): batch["at"] for batch in seen(edge, script)}
    first = min(batches.values())
    late = [told for told, at in batches.items() if at - first > 1500]
    assert len(late) == 2
    assert any("the queue's" in told for told in late)
    assert any("again" in told and "'attempts': 2" in told for told in late)


def test_delivery_can_be_paused(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge, settings={"delivery_paused": True})
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script)
    push(edge, queue, "wait")
    edge.api("POST", f"/queues/{queue}/messages/peek", json={})
    assert seen(edge, script) == []
    settings = {"queue_name": name, "settings": {"delivery_paused": False}}
    assert edge.api("PATCH", f"/queues/{queue}", json=settings).result["settings"]["delivery_paused"] is False
    wait_until_empty(edge, queue)
    assert bodies(edge, script) == ["wait"]


def test_so_many_batches_are_under_way_at_most(edge: RunningEdge, script: str) -> None:
    code = """
    let now = 0, most = 0;
    export default {
      fetch() { return new Response(String(most)); },
      async queue() {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 300));
        now--;
      },
    };
    """
    for most in (1, 3):
        name = f"{script}-{most}"
        _, queue = make_queue(edge)
        assert edge.api("PUT", f"/workers/scripts/{name}", **edge.form(code)).status == 200
        push(edge, queue, *range(9))
        add_consumer(edge, queue, name, batch_size=1, max_concurrency=most)
        wait_until_empty(edge, queue)
        assert edge.visit(name).text == str(most)


def test_messages_outlive_their_consumer(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script, max_retries=100)
    push(edge, queue, {"always": "retry"})
    wait_until(lambda: len(attempts(edge, script)) > 2)
    assert edge.api("DELETE", f"/workers/scripts/{script}?force=true").status == 200
    assert edge.api("GET", f"/queues/{queue}").result["consumers"] == []
    assert backlog(edge, queue) == 1
    deploy_consumer(edge, script, CONSUMER.replace("always", "never"))
    add_consumer(edge, queue, script)
    wait_until_empty(edge, queue)


def test_a_batch_ends_on_the_version_that_began_it(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script, batch_size=1)
    push(edge, queue, {"wish": ["slow"]})
    wait_until(lambda: len(seen(edge, script)) == 1)
    for change in ("a", "b", "c", "d"):  # the first version is retired
        deploy_consumer(edge, script, CONSUMER + f"//{change}")
    wait_until_empty(edge, queue)
    assert attempts(edge, script) == [1]


def test_old_messages_go(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    push(edge, queue, "old")
    body = {"settings": {"message_retention_period": 59}}
    assert edge.api("PATCH", f"/queues/{queue}", json=body).codes == [100128]
    body = {"settings": {"message_retention_period": 60}}
    assert edge.api("PATCH", f"/queues/{queue}", json=body).status == 200
    assert backlog(edge, queue) == 1


@pytest.mark.parametrize("options", [{"delaySeconds": 86_401}, {"delaySeconds": -1}])
def test_a_delay_out_of_bounds_is_told_to_the_producer(
    edge: RunningEdge, script: str, options: dict[str, int]
) -> None:
    name, queue = make_queue(edge)
    deploy_producer(edge, script, name)
    assert send(edge, script, {"body": 1}, **options)["ok"] is False
    assert backlog(edge, queue) == 0


def test_a_message_that_is_too_large_or_has_no_queue_is_told_to_the_producer(
    edge: RunningEdge, script: str
) -> None:
    name, queue = make_queue(edge)
    deploy_producer(edge, script, name)
    too_large = send(edge, script, {"body": "x" * 128_001, "contentType": "text"})
    assert too_large == {"ok": False, "message": "Queue send failed: Bad Request"}
    too_many = [{"body": "x" * 90_000, "contentType": "text"} for _ in range(3)]
    assert send(edge, script, *too_many)["ok"] is False
    assert backlog(edge, queue) == 0
    assert edge.api("DELETE", f"/queues/{queue}").status == 200
    assert send(edge, script, {"body": 1})["message"] == "Queue send failed: Not Found"
    form = edge.form(CONSUMER, bindings=[{"type": "queue", "name": "QUEUE", "queue_name": name}])
    answer = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert (answer.status, answer.codes) == (400, [11000])
