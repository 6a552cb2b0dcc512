"""Service bindings: a Worker that calls another one, routed by that one's split."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.objects_workers import CALLEE, CALLER
from tests.localedge.test_objects_api import socket

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge

META = {"name": "META", "type": "version_metadata"}


def callee(edge: RunningEdge, script: str) -> str:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(CALLEE, bindings=[META]))
    assert answer.status == 200, answer
    return str(answer.result["version_id"])


def caller(edge: RunningEdge, script: str, target: str, **more: Any) -> Answer:  # noqa: ANN401
    bindings = [
        {"name": "CALLEE", "type": "service", "service": target},
        {"name": "NAMED", "type": "service", "service": target, "entrypoint": "Named", "props": {"a": 1}},
    ]
    return edge.api("PUT", f"/workers/scripts/{script}", **edge.form(CALLER, bindings=bindings, **more))


@pytest.fixture
def pair(edge: RunningEdge, script: str) -> tuple[str, str]:
    """A Worker that calls, and the one that is called."""
    called = f"{script}-called"
    callee(edge, called)
    assert caller(edge, script, called).status == 200
    return script, called


def test_every_kind_of_call(edge: RunningEdge, pair: tuple[str, str]) -> None:
    assert edge.visit(pair[0], "/values").json() == {
        "sum": 3,
        "callback": "called 6",
        "stream": "streamed",
        "error": "RangeError: boom",
        "thrown": "thrown in callee",
        "named": "hello you",
        "props": 'named {"a":1}',
    }
    answer = edge.http.post(
        edge.told["traffic_url"], headers={"Host": f"{pair[0]}.localhost"}, content="a body"
    )
    assert (answer.status_code, answer.json()["body"]) == (203, "a body")


def test_calls_follow_the_split_overrides_and_keys(edge: RunningEdge, pair: tuple[str, str]) -> None:
    calling, called = pair
    (old,) = [share["version_id"] for share in _serving(edge, called)]
    added = edge.api("POST", f"/workers/scripts/{called}/versions", **edge.form(CALLEE, bindings=[META]))
    new = added.result["id"]
    assert edge.visit(calling, "/version").text == old
    edge.serve(called, (old, 50), (new, 50))
    seen = Counter(edge.visit(calling, "/version").text for _ in range(60))
    assert set(seen) == {old, new}
    assert min(seen.values()) > 10
    for wanted in (old, new):
        override = {"Cloudflare-Workers-Version-Overrides": f'{called}="{wanted}"'}
        assert {edge.visit(calling, **override).json()["version"] for _ in range(5)} == {wanted}
    sticky = {"Cloudflare-Workers-Version-Key": "someone"}
    assert len({edge.visit(calling, **sticky).json()["version"] for _ in range(8)}) == 1
    edge.serve(called, (new, 100))
    assert {edge.visit(calling, "/version").text for _ in range(5)} == {new}


def test_calls_are_counted(edge: RunningEdge, pair: tuple[str, str]) -> None:
    for _ in range(5):
        edge.visit(pair[0], "/version")
    edge.visit(pair[0], "/throw")
    deadline = time.monotonic() + 20
    while _counted(edge, pair[1]) != {"requests": 6.0, "exceptions": 1.0} and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _counted(edge, pair[1]) == {"requests": 6.0, "exceptions": 1.0}


def test_a_worker_may_call_itself(edge: RunningEdge, script: str) -> None:
    code = """
export default {
  fetch: (request, env) => request.url.endsWith("/in") ? new Response("in") : env.ME.fetch("http://me/in"),
};
"""
    me = {"name": "ME", "type": "service", "service": script}
    assert edge.api("PUT", f"/workers/scripts/{script}", **edge.form(code, bindings=[me])).status == 200
    assert edge.visit(script).text == "in"


def test_who_depends_on_whom(edge: RunningEdge, pair: tuple[str, str]) -> None:
    calling, called = pair
    incoming = edge.api("GET", f"/workers/scripts/{called}/references").result["services"]["incoming"]
    assert {(one["service"], one["name"]) for one in incoming} == {(calling, "CALLEE"), (calling, "NAMED")}
    outgoing = edge.api("GET", f"/workers/scripts/{calling}/references").result["services"]["outgoing"]
    assert {one["service"] for one in outgoing} == {called}
    refused = edge.api("DELETE", f"/workers/scripts/{called}")
    assert (refused.status, refused.codes) == (409, [10142])
    assert edge.api("DELETE", f"/workers/services/{called}?force=true").status == 200
    assert edge.visit(calling, "/version").status_code == 500


def test_a_websocket_through_a_service(edge: RunningEdge, pair: tuple[str, str]) -> None:
    asyncio.run(_talk(edge, pair[0]))


async def _talk(edge: RunningEdge, script: str) -> None:
    async with socket(edge, script, "talk") as connection:
        for word in ("one", "two"):
            await connection.send(word)
            assert await connection.recv() == f"heard {word}"
        await connection.close(4002, "done")
        assert (connection.close_code, connection.close_reason) == (4002, "bye")


def test_tail_workers_are_refused(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    consumers = [{"service": "somebody"}]
    assert edge.api(
        "PUT", f"/workers/scripts/{script}", **edge.greeter("a", tail_consumers=consumers)
    ).codes == [10501]
    settings = f"/workers/scripts/{script}/script-settings"
    assert edge.api("PATCH", settings, json={"tail_consumers": consumers}).codes == [10501]


def test_a_service_that_is_not_there(edge: RunningEdge, script: str) -> None:
    answer = caller(edge, script, "nowhere")
    assert (answer.status, answer.codes) == (400, [10143])


def _serving(edge: RunningEdge, script: str) -> list[dict[str, Any]]:
    found = edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]["versions"]
    return list(found)


def _counted(edge: RunningEdge, script: str) -> dict[str, float]:
    api = edge.told["api_url"].removesuffix("/client/v4")
    lines = edge.http.get(f"{api}/metrics").text.splitlines()
    return {
        name: sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith(f"localedge_{name}_total{{") and f'script="{script}"' in line
        )
        for name in ("requests", "exceptions")
    }
