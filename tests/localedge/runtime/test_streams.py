"""Bodies that come in pieces, and WebSockets."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect

from localedge.kv.store import KvStore, KvValue
from tests.localedge.runtime.visitors import until
from tests.localedge.runtime.workers import EVERYTHING, KV, NAMESPACE, version, versions_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


@pytest.fixture
async def only(runtime: Runtime) -> None:
    await runtime.start_version(version("only", EVERYTHING))
    await runtime.set_splits({"shop": {"only": 100}})


async def test_an_answer_comes_in_pieces_as_it_is_made(only: None, shop: httpx2.AsyncClient) -> None:
    began = time.perf_counter()
    async with shop.stream("GET", "/drip?n=10") as answer:
        lines = [(line, time.perf_counter() - began) async for line in answer.aiter_lines()]
    assert [line for line, _ in lines] == [f"line {number}" for number in range(10)]
    assert lines[-1][1] - lines[0][1] > 0.3


async def test_a_request_comes_in_pieces(only: None, shop: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(5):
            yield b"%d" % number * 1000
            await asyncio.sleep(0.02)

    answer = await shop.post("/echo", content=pieces())
    assert answer.content == b"".join(b"%d" % number * 1000 for number in range(5))


async def test_large_bodies_pass_whole(only: None, shop: httpx2.AsyncClient) -> None:
    body = bytes(range(256)) * 40_000
    assert (await shop.put("/echo", content=body)).content == body


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PATCH"])
async def test_methods_pass(only: None, shop: httpx2.AsyncClient, method: str) -> None:
    assert (await shop.request(method, "/echo")).headers["x-method"] == method


async def test_redirects_encodings_and_cookies_pass_as_they_are(only: None, shop: httpx2.AsyncClient) -> None:
    moved = await shop.get("/elsewhere")
    assert (moved.status_code, moved.headers["location"]) == (302, "http://elsewhere.localhost/")
    packed = await shop.get("/packed")
    assert (packed.text, packed.headers["content-encoding"]) == ("unpacked", "gzip")
    assert packed.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_an_answer_that_is_being_sent_is_finished_before_its_version_stops(
    runtime: Runtime, only: None, shop: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.fading.LINGER_SECONDS", 0.0)
    await runtime.start_version(version("next"))
    async with shop.stream("GET", "/drip?n=20") as answer:
        await runtime.set_splits({"shop": {"next": 100}})
        retiring = asyncio.create_task(runtime.retire_version("only"))
        lines = [line async for line in answer.aiter_lines()]
    assert len(lines) == 20
    await retiring
    await until(lambda: len(runtime.processes()) == 4)


async def test_work_in_the_background_is_finished_after_its_version_retired(
    runtime: Runtime, kv: KvStore, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("only", EVERYTHING, bindings=(KV,)))
    await runtime.set_splits({"shop": {"only": 100}})
    await shop.get("/later?n=300")
    await runtime.set_splits({"shop": {}})
    await runtime.retire_version("only")
    assert await kv.get(NAMESPACE, "later") is None
    await asyncio.sleep(0.6)
    assert await kv.get(NAMESPACE, "later") == KvValue(b"done")


async def test_a_websocket_passes(runtime: Runtime, only: None) -> None:
    port = runtime.traffic_url.rpartition(":")[2]
    async with connect(f"ws://shop.localhost:{port}/socket", host="127.0.0.1") as socket:
        assert socket.response is not None
        assert socket.response.headers["x-localedge-version"] == "only"
        for word in ("one", "two"):
            await socket.send(word)
            assert await socket.recv() == f"only heard {word}"
    (counters,) = await runtime.counters()
    assert counters.statuses == {101: 1}


async def test_a_version_with_an_open_websocket_is_stopped_when_its_time_is_up(
    runtime: Runtime, only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.fading.LINGER_SECONDS", 0.1)
    monkeypatch.setattr("localedge.runtime.fading.FINISH_SECONDS", 0.5)
    port = runtime.traffic_url.rpartition(":")[2]
    async with connect(f"ws://shop.localhost:{port}/socket", host="127.0.0.1"):
        await runtime.set_splits({"shop": {}})
        await runtime.retire_version("only")
        await asyncio.sleep(0.3)
        assert [process.state for process in versions_of(runtime)] == ["finishing"]
        await until(lambda: len(versions_of(runtime)) == 1)
