"""Processes that are killed on demand: what serves goes on serving, and what is lifted heals."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.localedge.client import RunningEdge
from tests.localedge.faults import EdgeFaults
from tests.localedge.test_objects_api import FIRST, deployed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HEAL_SECONDS = 60


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningEdge]:
    """An edge of the test's own: no other test may meet its deaths."""
    running = RunningEdge(tmp_path / "edge").start()
    yield running
    running.stop()


def processes(edge: RunningEdge) -> dict[str, dict[str, Any]]:
    """By name."""
    url = EdgeFaults(edge).url.replace("/faults", "/processes")
    return {process["name"]: process for process in edge.api("GET", url).result}


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + HEAL_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(edge: RunningEdge) -> bool:
    """Whether the Worker answers. A connection that the router held breaks when it dies."""
    try:
        return bool(edge.visit("shop").json()["says"] == "hello")
    except httpx2.TransportError:
        return False


def test_processes_tell_of_themselves(own: RunningEdge) -> None:
    version_id = own.deploy("shop")
    found = processes(own)
    assert {"storage", "databases", "router", f"version-{version_id}"} <= found.keys()
    for process in found.values():
        assert process["state"] == "running"
        assert process["restarts"] == 0
        assert process["memory_bytes"] > 1_000_000


def test_each_kind_of_process_can_be_killed_and_heals(own: RunningEdge) -> None:
    version_id = own.deploy("shop")
    faults = EdgeFaults(own)
    namespace = own.api("POST", "/storage/kv/namespaces", json={"title": "n"}).result["id"]
    for what, name in (
        ({"kill": "version", "script": "shop"}, f"version-{version_id}"),
        ({"kill": "version", "version": version_id}, f"version-{version_id}"),
        ({"kill": "router"}, "router"),
        ({"kill": "storage"}, "storage"),
        ({"kill": "databases"}, "databases"),
    ):
        before = processes(own)[name]
        assert faults.kill(**what) == [before["pid"]]
        until(lambda: answers(own), "the Worker answers")
        until(lambda name=name, before=before: processes(own)[name]["restarts"] > before["restarts"], name)  # type: ignore[misc]
    stored = own.raw("PUT", f"/storage/kv/namespaces/{namespace}/values/k", content=b"v")
    assert stored.status_code == 200
    assert own.raw("GET", f"/storage/kv/namespaces/{namespace}/values/k").text == "v"


def test_the_host_of_objects_can_be_killed_and_keeps_what_they_stored(own: RunningEdge) -> None:
    version_id = deployed(own, "counter", migrations=FIRST)
    assert [own.visit("counter").text for _ in range(2)] == ["1", "2"]
    before = processes(own)[f"objects-{version_id}"]
    assert EdgeFaults(own).kill(kill="object-host") == [before["pid"]]
    until(lambda: processes(own)[before["name"]]["restarts"] == 1, "the host is up again")
    until(lambda: own.visit("counter").status_code == 200, "the objects answer")
    assert int(own.visit("counter").text) >= 4


def test_the_storage_killed_while_requests_run_loses_nothing_that_was_told(own: RunningEdge) -> None:
    faults = EdgeFaults(own)
    namespace = own.api("POST", "/storage/kv/namespaces", json={"title": "n"}).result["id"]
    told = []
    for number in range(60):
        if number % 20 == 10:
            faults.kill(kill="storage")
        url = f"/storage/kv/namespaces/{namespace}/values/{number}"
        if own.raw("PUT", url, content=str(number).encode()).status_code == 200:
            told.append(number)
    assert len(told) > 50
    for number in told:
        url = f"/storage/kv/namespaces/{namespace}/values/{number}"
        assert own.raw("GET", url).text == str(number)


def test_a_version_that_crashes_at_every_start_heals_when_that_is_lifted(own: RunningEdge) -> None:
    old = own.deploy("shop", "old")
    new = own.add_version("shop", "new")
    own.serve("shop", (old, 50), (new, 50))
    faults = EdgeFaults(own)
    pin_new = {"Cloudflare-Workers-Version-Overrides": f'shop="{new}"'}
    pin_old = {"Cloudflare-Workers-Version-Overrides": f'shop="{old}"'}
    with faults.crash_loop(new):
        until(lambda: own.api("GET", faults.url).result["processes"][0]["deaths"] >= 3, "three deaths")
        assert own.visit("shop", **pin_old).json()["says"] == "old"
        own.serve("shop", (old, 100))
        assert {own.visit("shop").json()["says"] for _ in range(10)} == {"old"}
    own.serve("shop", (old, 50), (new, 50))
    until(lambda: processes(own)[f"version-{new}"]["state"] == "running", "running again")
    assert own.visit("shop", **pin_new).json()["says"] == "new"


def test_what_a_killed_router_had_counted_a_second_ago_is_not_lost(own: RunningEdge) -> None:
    version_id = own.deploy("counted")
    for _ in range(5):
        own.visit("counted")
    _wait_until_collected(own, version_id)
    EdgeFaults(own).kill(kill="router")
    own.http.close()
    own.http = httpx2.Client(timeout=30)  # the router held connections of the one before
    own.visit("counted")
    text = own.http.get(own.told["api_url"].replace("/client/v4", "/metrics")).text
    labels = f'script="counted",version="{version_id}",status="200"'
    assert f"localedge_requests_total{{{labels}}} 6\n" in text


def _wait_until_collected(edge: RunningEdge, version_id: str) -> None:
    """Until the edge has looked at the counters by itself; nobody asks for them."""
    with contextlib.closing(sqlite3.connect(edge.folder / "measurements.sqlite")) as database:
        for _ in range(600):
            query = "SELECT outcomes FROM invocations WHERE version_id = ?"
            rows = [json.loads(row[0]) for row in database.execute(query, (version_id,))]
            if sum(row.get("success", 0) for row in rows) == 5:
                return
            time.sleep(0.05)
    pytest.fail("the requests were not collected in time")


def test_killing_so_many_times_and_no_more(own: RunningEdge) -> None:
    version_id = own.deploy("shop")
    faults = EdgeFaults(own)
    faults.kill(kill="version", version=version_id, times=3)
    until(lambda: processes(own)[f"version-{version_id}"]["restarts"] == 3, "three restarts")
    assert own.visit("shop").json()["says"] == "hello"
    assert processes(own)[f"version-{version_id}"]["restarts"] == 3


def test_what_is_not_there_cannot_be_killed(own: RunningEdge) -> None:
    url = f"{EdgeFaults(own).url}/processes"
    for body, status in (
        ({"kill": "version", "version": "x"}, 409),
        ({"kill": "version", "script": "x"}, 404),
        ({"kill": "object-host"}, 409),
        ({"kill": "everything"}, 400),
        ({"kill": "router", "times": 0}, 400),
        ({"crash_loop": "x"}, 409),
        ({}, 400),
    ):
        assert own.api("POST", url, json=body).status == status, body
    assert processes(own)["router"]["restarts"] == 0
