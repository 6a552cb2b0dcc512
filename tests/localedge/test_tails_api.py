"""Tails: what a Worker says and throws, as it happens."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

TRACE = [Subprotocol("trace-v1")]

TALKER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    console.log("asked for", path);
    if (path === "/throw") throw new Error("as asked");
    return new Response("ok");
  },
};
"""


@pytest.fixture
def talker(edge: RunningEdge, script: str) -> str:
    edge.api("PUT", f"/workers/scripts/{script}", **edge.form(TALKER))
    return script


def first_event(edge: RunningEdge, script: str, path: str, **session: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Ask for `path` until the tail tells of it: a tail begins a moment after it is opened."""
    made = edge.api("POST", f"/workers/scripts/{script}/tails", json=session).result
    told = threading.Event()

    def keep_asking() -> None:
        for _ in range(100):
            edge.visit(script, path)
            if told.wait(0.05):
                return

    asking = threading.Thread(target=keep_asking)
    with connect(made["url"], subprotocols=TRACE) as socket:
        socket.send('{"debug": false}')
        asking.start()
        try:
            event: dict[str, Any] = json.loads(socket.recv(timeout=5))
        finally:
            told.set()
            asking.join()
    return event


def test_a_tail_tells_of_requests_and_logs(edge: RunningEdge, talker: str) -> None:
    event = first_event(edge, talker, "/hello")
    assert event["outcome"] == "ok"
    assert event["scriptName"] == talker
    version = edge.api("GET", f"/workers/scripts/{talker}/versions").result["items"][0]
    assert event["scriptVersion"] == {"id": version["id"]}
    assert event["logs"][0]["message"] == ["asked for", "/hello"]
    assert event["event"]["request"]["url"].endswith("/hello")


def test_a_tail_tells_only_what_its_filters_let_through(edge: RunningEdge, talker: str) -> None:
    edge.visit(talker, "/hello")
    event = first_event(edge, talker, "/throw", filters=[{"outcome": ["exception"]}])
    assert event["outcome"] == "exception"
    assert event["exceptions"][0]["message"] == "as asked"


def test_a_session_ends_when_it_is_deleted(edge: RunningEdge, talker: str) -> None:
    path = f"/workers/scripts/{talker}/tails"
    made = edge.api("POST", path).result
    assert edge.api("GET", path).result["id"] == made["id"]
    with connect(made["url"], subprotocols=TRACE) as socket:
        assert edge.api("DELETE", f"{path}/{made['id']}").status == 200
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
    assert edge.api("DELETE", f"{path}/{made['id']}").status == 404


def test_a_session_ends_with_its_listener(edge: RunningEdge, talker: str) -> None:
    path = f"/workers/scripts/{talker}/tails"
    with connect(edge.api("POST", path).result["url"], subprotocols=TRACE):
        pass
    for _ in range(50):
        if not edge.api("GET", path).result:
            return
        threading.Event().wait(0.05)
    pytest.fail("the session is still there")


def test_nobody_listens_without_a_session(edge: RunningEdge) -> None:
    origin = edge.told["api_url"].removesuffix("/client/v4").replace("http", "ws", 1)
    with pytest.raises(InvalidStatus):
        connect(f"{origin}/tails/guessed", subprotocols=TRACE)


def test_a_worker_has_so_many_sessions_and_no_more(edge: RunningEdge, talker: str) -> None:
    path = f"/workers/scripts/{talker}/tails"
    assert [edge.api("POST", path).status for _ in range(11)] == [200] * 10 + [400]


def test_there_is_no_tail_of_a_worker_that_is_not_there(edge: RunningEdge, script: str) -> None:
    assert edge.api("POST", f"/workers/scripts/{script}/tails").codes == [10007]


@pytest.mark.parametrize(
    "body",
    [[], {"filters": {}}, {"filters": ["x"]}, {"filters": [{}] * 21}, {"filters": [{"client_ip": 7}]}],
)
def test_filters_that_are_none_are_refused(edge: RunningEdge, talker: str, body: object) -> None:
    assert edge.api("POST", f"/workers/scripts/{talker}/tails", json=body).codes == [10026]
