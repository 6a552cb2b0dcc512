"""The official Python SDK on queues and schedules; its own types read every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cloudflare
import pytest

from tests.localedge.queue_workers import deploy_consumer, make_queue

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_queues(edge: RunningEdge, sdk: cloudflare.Cloudflare, script: str) -> None:
    account = edge.told["account_id"]
    made = sdk.queues.create(account_id=account, queue_name=f"{script}-queue")
    assert made is not None
    assert made.queue_id is not None
    queue = made.queue_id
    edited = sdk.queues.edit(queue, account_id=account, settings={"delivery_delay": 3})
    assert edited is not None
    assert edited.settings is not None
    assert edited.settings.delivery_delay == 3
    updated = sdk.queues.update(queue, account_id=account, queue_name=f"{script}-other")
    assert updated is not None
    assert updated.queue_name == f"{script}-other"
    assert queue in {one.queue_id for one in sdk.queues.list(account_id=account)}
    assert sdk.queues.get(queue, account_id=account) == updated
    metrics = sdk.queues.get_metrics(queue, account_id=account)
    assert metrics is not None
    assert metrics.backlog_count == 0
    sdk.queues.purge.start(queue, account_id=account, delete_messages_permanently=True)
    status = sdk.queues.purge.status(queue, account_id=account)
    assert status is not None
    assert status.completed == "true"
    sdk.queues.delete(queue, account_id=account)
    with pytest.raises(cloudflare.NotFoundError):
        sdk.queues.get(queue, account_id=account)


def test_consumers(edge: RunningEdge, sdk: cloudflare.Cloudflare, script: str) -> None:
    account, (_, queue) = edge.told["account_id"], make_queue(edge)
    deploy_consumer(edge, script)
    made = sdk.queues.consumers.create(
        queue, account_id=account, type="worker", script_name=script, settings={"batch_size": 4}
    )
    assert made is not None
    assert made.consumer_id is not None
    consumer = made.consumer_id
    changed = sdk.queues.consumers.update(
        consumer, account_id=account, queue_id=queue, type="worker", script_name=script
    )
    assert changed is not None
    assert changed.settings is not None
    assert changed.settings.batch_size == 10
    assert [one.consumer_id for one in sdk.queues.consumers.list(queue, account_id=account)] == [consumer]
    assert sdk.queues.consumers.get(consumer, account_id=account, queue_id=queue) == changed
    sdk.queues.consumers.delete(consumer, account_id=account, queue_id=queue)
    assert list(sdk.queues.consumers.list(queue, account_id=account)) == []


def test_messages(edge: RunningEdge, sdk: cloudflare.Cloudflare) -> None:
    account, (_, queue) = edge.told["account_id"], make_queue(edge)
    sdk.queues.consumers.create(queue, account_id=account, type="http_pull")
    pushed = sdk.queues.messages.push(queue, account_id=account, body="one", content_type="text")
    assert pushed is not None
    assert pushed.metadata is not None
    assert pushed.metadata.metrics is not None
    assert pushed.metadata.metrics.backlog_count == 1
    sdk.queues.messages.bulk_push(
        queue, account_id=account, messages=[{"body": {"n": 2}, "content_type": "json"}]
    )
    peeked = sdk.queues.messages.peek(queue, account_id=account, batch_size=10)
    assert peeked is not None
    assert len(peeked.messages or []) == 2
    pulled = sdk.queues.messages.pull(queue, account_id=account, batch_size=10)
    assert pulled is not None
    leases = [message.lease_id or "" for message in pulled.messages or []]
    done = sdk.queues.messages.ack(
        queue, account_id=account, acks=[{"lease_id": leases[0]}], retries=[{"lease_id": leases[1]}]
    )
    assert done is not None
    assert (done.ack_count, done.retry_count) == (1, 1)
    (left,) = edge.api("POST", f"/queues/{queue}/messages/peek", json={}).result["messages"]
    sdk.queues.messages.purge(queue, account_id=account, refs=[{"ref": left["ref"]}])
    metrics = sdk.queues.get_metrics(queue, account_id=account)
    assert metrics is not None
    assert metrics.backlog_count == 0


def test_schedules(edge: RunningEdge, sdk: cloudflare.Cloudflare, script: str) -> None:
    account = edge.told["account_id"]
    edge.deploy(script)
    put = sdk.workers.scripts.schedules.update(script, account_id=account, body=[{"cron": "0 0 1W * *"}])
    got = sdk.workers.scripts.schedules.get(script, account_id=account)
    assert len(put.schedules) == 1
    assert [one.cron for one in got.schedules] == ["0 0 1W * *"]
