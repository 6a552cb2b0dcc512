"""The API of queues: settings, consumers, messages over HTTP."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.queue_workers import (
    add_consumer,
    backlog,
    deploy_consumer,
    deploy_producer,
    make_queue,
    push,
    wait_until,
)

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

DEFAULTS = {"delivery_delay": 0, "delivery_paused": False, "message_retention_period": 345_600}


def pulled(edge: RunningEdge, queue: str, **body: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = edge.api("POST", f"/queues/{queue}/messages/pull", json=body).result[
        "messages"
    ]
    return messages


def make_pulled(edge: RunningEdge, letters: str = "", **settings: int) -> str:
    """A queue that is pulled; its id."""
    _, queue = make_queue(edge)
    body = {"type": "http_pull", "dead_letter_queue": letters, "settings": settings}
    assert edge.api("POST", f"/queues/{queue}/consumers", json=body).status == 200
    return queue


def test_a_queue_is_made_changed_and_deleted(edge: RunningEdge) -> None:
    name, queue = make_queue(edge, settings={"delivery_delay": 5})
    made = edge.api("GET", f"/queues/{queue}").result
    assert (made["queue_name"], made["settings"]) == (name, {**DEFAULTS, "delivery_delay": 5})
    assert (made["producers_total_count"], made["consumers_total_count"]) == (0, 0)
    changed = edge.api("PATCH", f"/queues/{queue}", json={"settings": {"delivery_paused": True}}).result
    assert changed["settings"] == {**DEFAULTS, "delivery_delay": 5, "delivery_paused": True}
    replaced = edge.api("PUT", f"/queues/{queue}", json={"queue_name": f"{name}-b"}).result
    assert (replaced["queue_name"], replaced["settings"]) == (f"{name}-b", DEFAULTS)
    assert edge.api("DELETE", f"/queues/{queue}").status == 200
    assert edge.api("GET", f"/queues/{queue}").codes == [11000]


def test_a_name_is_taken_once(edge: RunningEdge) -> None:
    name, _ = make_queue(edge)
    answer = edge.api("POST", "/queues", json={"queue_name": name})
    assert (answer.status, answer.codes) == (409, [11009])
    for bad in ("", "a b", "-a", "x" * 64, None):
        assert edge.api("POST", "/queues", json={"queue_name": bad}).codes == [10026]


def test_the_list_has_pages_and_can_be_asked_for_names(edge: RunningEdge) -> None:
    names = [make_queue(edge)[0] for _ in range(3)]
    two = edge.api("GET", "/queues", params=[("name", names[0]), ("name", names[2])])
    assert [one["queue_name"] for one in two.result] == [names[0], names[2]]
    assert two.info["total_count"] == 2
    page = edge.api("GET", "/queues", params={"per_page": "2", "page": "1"})
    assert (len(page.result), page.info["per_page"]) == (2, 2)
    assert edge.api("GET", "/queues", params={"per_page": "1000", "page": "2"}).result == []


def test_a_queue_tells_who_produces_and_who_consumes(edge: RunningEdge, script: str) -> None:
    name, queue = make_queue(edge)
    deploy_producer(edge, f"{script}-p", name)
    deploy_consumer(edge, script)
    consumer = add_consumer(edge, queue, script, max_retries=0)
    told = edge.api("GET", f"/queues/{queue}").result
    assert told["producers"] == [{"type": "worker", "script": f"{script}-p"}]
    assert told["consumers"] == edge.api("GET", f"/queues/{queue}/consumers").result
    (one,) = told["consumers"]
    assert (one["consumer_id"], one["script"], one["script_name"]) == (consumer, script, script)
    assert one["settings"] == {
        "batch_size": 10,
        "max_retries": 0,
        "max_wait_time_ms": 100,
        "max_concurrency": None,
        "retry_delay": 0,
    }


def test_a_queue_has_one_consumer(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    consumer = add_consumer(edge, queue, script)
    path = f"/queues/{queue}/consumers"
    again = edge.api("POST", path, json={"type": "http_pull"})
    assert (again.status, again.codes) == (409, [11004])
    body = {"type": "worker", "script_name": script, "settings": {"batch_size": 7}}
    changed = edge.api("PUT", f"{path}/{consumer}", json=body).result
    assert (changed["consumer_id"], changed["settings"]["batch_size"]) == (consumer, 7)
    assert edge.api("DELETE", f"{path}/{consumer}").status == 200
    assert edge.api("DELETE", f"{path}/{consumer}").codes == [11008]


def test_what_makes_no_sense_is_refused(edge: RunningEdge) -> None:
    _, queue = make_queue(edge)
    path = f"/queues/{queue}/consumers"
    assert edge.api("POST", path, json={"type": "worker", "script_name": "nobody"}).codes == [10007]
    for body in (
        {"type": "r2"},
        {"type": "worker"},
        {"type": "http_pull", "settings": {"batch_size": 101}},
        {"type": "http_pull", "settings": {"max_retries": "3"}},
        {"type": "http_pull", "settings": [1]},
    ):
        assert edge.api("POST", path, json=body).codes == [100127], body
    for settings in ({"delivery_delay": 86_401}, {"delivery_paused": 1}, {"message_retention_period": True}):
        assert edge.api("PATCH", f"/queues/{queue}", json={"settings": settings}).codes == [100128]


def test_a_dead_letter_queue_is_made_when_it_is_not_there(edge: RunningEdge) -> None:
    name, _ = make_queue(edge)
    make_pulled(edge, f"{name}-letters")
    (made,) = edge.api("GET", "/queues", params={"name": f"{name}-letters"}).result
    assert made["settings"] == DEFAULTS


def test_messages_are_pushed_pulled_and_acknowledged(edge: RunningEdge) -> None:
    queue = make_pulled(edge, max_retries=5)
    sent = edge.api(
        "POST", f"/queues/{queue}/messages", json={"body": "gr\u00fc\u00df", "content_type": "text"}
    )
    assert sent.result["metadata"]["metrics"]["backlog_count"] == 1
    push(edge, queue, {"n": 1})
    answer = edge.api("POST", f"/queues/{queue}/messages/pull", json={"batch_size": 10}).result
    assert answer["message_backlog_count"] == 2
    text, data = answer["messages"]
    assert (text["body"], text["metadata"]["CF-Content-Type"], text["attempts"]) == (
        "gr\u00fc\u00df",
        "text",
        1,
    )
    assert base64.b64decode(data["body"]) == b'{"n":1}'
    assert pulled(edge, queue) == []
    body = {
        "acks": [{"lease_id": text["lease_id"]}, {"lease_id": "none"}],
        "retries": [{"lease_id": data["lease_id"]}],
    }
    done = edge.api("POST", f"/queues/{queue}/messages/ack", json=body).result
    assert (done["ackCount"], done["retryCount"], list(done["warnings"])) == (1, 1, ["none"])
    (again,) = pulled(edge, queue)
    assert (again["id"], again["attempts"]) == (data["id"], 2)


def test_a_lease_ends(edge: RunningEdge) -> None:
    letters, letters_id = make_queue(edge)
    queue = make_pulled(edge, letters, max_retries=1)
    push(edge, queue, "x")
    first = pulled(edge, queue, visibility_timeout_ms=0)
    second = pulled(edge, queue, visibility_timeout_ms=0)
    assert [one["attempts"] for one in (*first, *second)] == [1, 2]
    assert (
        edge.api(
            "POST", f"/queues/{queue}/messages/ack", json={"acks": [{"lease_id": first[0]["lease_id"]}]}
        ).result["ackCount"]
        == 0
    )
    assert pulled(edge, queue) == []
    assert (backlog(edge, queue), backlog(edge, letters_id)) == (0, 1)


def test_only_a_queue_that_is_pulled_can_be_pulled(edge: RunningEdge) -> None:
    _, queue = make_queue(edge)
    assert edge.api("POST", f"/queues/{queue}/messages/pull", json={}).codes == [100127]
    assert edge.api("POST", "/queues/none/messages/pull", json={}).codes == [10104]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"messages": []}, 10206),
        ({"messages": [{"body": 1}] * 101}, 10206),
        ({"messages": [{"body": "x" * 128_001, "content_type": "text"}]}, 10204),
        ({"messages": [{"body": "x" * 90_000, "content_type": "text"}] * 3}, 10205),
        ({"messages": [{"body": 1, "content_type": "text"}]}, 10207),
        ({"messages": [{"body": 1, "content_type": "xml"}]}, 10203),
        ({"messages": [{"body": 1, "delay_seconds": 86_401}]}, 10203),
        ({"messages": [{}]}, 10207),
        ({"messages": "many"}, 10207),
    ],
)
def test_messages_out_of_bounds_are_refused(edge: RunningEdge, body: dict[str, Any], code: int) -> None:
    _, queue = make_queue(edge)
    answer = edge.api("POST", f"/queues/{queue}/messages/batch", json=body)
    assert (answer.status, answer.codes) == (400, [code])
    assert backlog(edge, queue) == 0


def test_a_push_can_be_delayed(edge: RunningEdge) -> None:
    queue = make_pulled(edge)
    push(edge, queue, "later", delay_seconds=1)
    assert pulled(edge, queue) == []
    wait_until(lambda: len(pulled(edge, queue)) == 1)


def test_messages_are_looked_at_and_removed(edge: RunningEdge) -> None:
    _, queue = make_queue(edge)
    push(edge, queue, 1, 2, 3)
    found = edge.api("POST", f"/queues/{queue}/messages/peek", json={"batch_size": 2}).result["messages"]
    assert len(found) == 2
    body = {"refs": [{"ref": found[0]["ref"]}, {"ref": "none"}]}
    answer = edge.api("POST", f"/queues/{queue}/messages/purge", json=body).result
    assert list(answer["warnings"]) == ["none"]
    assert backlog(edge, queue) == 2
    assert edge.api("GET", f"/queues/{queue}/purge").result["started_at"] is None
    assert edge.api("POST", f"/queues/{queue}/purge", json={}).codes == [10026]
    confirmed = {"delete_messages_permanently": True}
    assert edge.api("POST", f"/queues/{queue}/purge", json=confirmed).status == 200
    assert edge.api("GET", f"/queues/{queue}/purge").result["completed"] == "true"
    assert edge.api("GET", f"/queues/{queue}/metrics").result == {
        "backlog_count": 0,
        "backlog_bytes": 0,
        "oldest_message_timestamp_ms": 0,
    }
