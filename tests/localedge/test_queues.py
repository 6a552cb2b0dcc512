"""Queues as Workers have them: real producers and consumers, batches, retries, dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localedge.queue_workers import (
    add_consumer,
    deploy_consumer,
    deploy_producer,
    make_queue,
    seen,
    send,
    wait_until_empty,
)

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_what_a_worker_sends_another_gets(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge)
    deploy_producer(edge, f"{script}-p", name)
    deploy_consumer(edge, script)
    add_consumer(edge, queue, script)
    assert send(edge, f"{script}-p", {"body": {"n": 1}})["ok"]
    assert send(
        edge, f"{script}-p", {"body": "two", "contentType": "text"}, {"body": [3], "contentType": "json"}
    )["ok"]
    wait_until_empty(edge, queue)
    batches = seen(edge, script)
    assert {batch["queue"] for batch in batches} == {name}
    bodies = [message["body"] for batch in batches for message in batch["messages"]]
    assert sorted(map(str, bodies)) == ["[3]", "two", "{'n': 1}"]
