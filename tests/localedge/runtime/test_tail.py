"""Trace events: logs, exceptions and outcome of each request, for whoever listens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from localedge.runtime.tails import EVENTS_MAX, TailQueue
from localedge.runtime.trace import TraceReader
from tests.localedge.runtime.visitors import Visitors
from tests.localedge.runtime.workers import EVERYTHING, version, versions_of

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


async def first_event(queue: TailQueue, shop: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    """Ask until an event comes: listening takes hold after a moment."""
    async with asyncio.timeout(10):
        while queue.empty():
            await shop.get(path)
            await asyncio.sleep(0.05)
    return queue.get_nowait()


async def test_logs_and_exceptions_come_to_the_listener(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await runtime.start_version(version("only", EVERYTHING))
    await runtime.set_splits({"shop": {"only": 100}})
    with runtime.tail("shop") as queue:
        event = await first_event(queue, shop, "/throw?n=7")
    assert event["outcome"] == "exception"
    assert event["scriptName"] == "shop"
    assert event["scriptVersion"] == {"id": "only"}
    assert [entry["message"] for entry in event["logs"]] == [["about to throw", {"n": 7}]]
    assert [(thrown["name"], thrown["message"]) for thrown in event["exceptions"]] == [("TypeError", "boom")]
    assert event["event"]["request"]["url"].endswith("/throw?n=7")
    assert event["event"]["request"]["method"] == "GET"


async def test_all_listeners_hear_all_versions_of_their_script_only(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("old", EVERYTHING))
    await runtime.start_version(version("other", EVERYTHING, script="other"))
    await runtime.set_splits({"shop": {"old": 100}, "other": {"other": 100}})
    with runtime.tail("shop") as one, runtime.tail("shop") as two, runtime.tail("nobody") as three:
        await first_event(one, shop, "/")
        await runtime.start_version(version("new", EVERYTHING))
        await runtime.set_splits({"shop": {"old": 0, "new": 100}, "other": {"other": 100}})
        await shop.get("/", headers={"host": "other.localhost"})
        await shop.get("/last")
        heard = await _until_last(one), await _until_last(two)
    assert [{event["scriptVersion"]["id"] for event in events} >= {"new"} for events in heard] == [True, True]
    assert {event["scriptName"] for events in heard for event in events} == {"shop"}
    assert three.empty()


async def _until_last(queue: TailQueue) -> list[dict[str, Any]]:
    events = []
    async with asyncio.timeout(10):
        while True:
            events.append(await queue.get())
            if events[-1]["event"]["request"]["url"].endswith("/last"):
                return events


async def test_listening_begins_and_ends_without_a_lost_request(runtime: Runtime) -> None:
    await runtime.start_version(version("only"))
    await runtime.set_splits({"shop": {"only": 100}})
    (before,) = [process.pid for process in runtime.processes() if process.name == "version-only"]
    visitors = Visitors(runtime.traffic_url, method="POST")
    async with visitors.visiting():
        for _ in range(3):
            with runtime.tail("shop") as queue:
                async with asyncio.timeout(10):
                    await queue.get()
            await asyncio.sleep(0.3)
    assert visitors.bad == []
    (counters,) = await runtime.counters()
    assert counters.requests == visitors.answers["only"]
    serving = [process.pid for process in versions_of(runtime) if process.state == "running"]
    assert len(serving) == 1
    assert serving != [before]


async def test_a_slow_listener_loses_the_oldest_and_is_told_how_many(anyio_backend: str) -> None:
    queue = TailQueue()
    for number in range(EVENTS_MAX + 5):
        queue.offer({"number": number})
    assert (queue.dropped, queue.qsize(), queue.get_nowait()) == (5, EVENTS_MAX, {"number": 5})


async def test_a_reader_that_stops_while_a_line_comes_leaves_no_error_in_the_loop(
    tmp_path: Path, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.trace.LAST_EVENTS_SECONDS", 0)
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context["message"]))
    lines: asyncio.Future[asyncio.StreamWriter] = loop.create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        lines.set_result(writer)

    async with await asyncio.start_unix_server(answer, tmp_path / "socket"):
        reader = TraceReader(version("only"), tmp_path / "socket", lambda _: None)
        reader.start()
        writer = await lines
        await asyncio.sleep(0.2)
        writer.write(b"\n")  # the loop sees it when it goes on with `stop`
        await reader.stop()
        writer.close()
    assert errors == []
