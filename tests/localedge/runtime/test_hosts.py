"""Durable Objects in a runtime: one place for each object, whatever the split."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from localedge.products import PRODUCTS
from localedge.runtime import ObjectClass, Runtime, TailQueue, VersionSpec
from tests.localedge.objects_workers import COUNTER
from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

CLASSES = (ObjectClass("Counter", "0123456789abcdef0123456789abcdef", sql=True),)
BINDING = {
    "type": "durable_object_namespace",
    "name": "COUNTER",
    "namespace_id": CLASSES[0].namespace_id,
    "class_name": "Counter",
}


def counter(version_id: str) -> VersionSpec:
    return dataclasses.replace(version(version_id, COUNTER, bindings=(BINDING,)), classes=CLASSES)


async def call(shop: httpx2.AsyncClient, method: str, name: str = "main", arguments: str = "[]") -> Any:  # noqa: ANN401
    response = await shop.get("/", params={"call": method, "name": name, "with": arguments})
    assert response.status_code == 200, response.text
    return response.json()


async def test_one_count_over_a_split(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    for version_id in ("a", "b"):
        await runtime.start_version(counter(version_id))
    await runtime.set_splits({"shop": {"a": 50, "b": 50}})
    counts = [int((await shop.get("/")).text) for _ in range(20)]
    assert counts == list(range(1, 21))


async def test_everything_passes(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await runtime.start_version(counter("a"))
    await runtime.set_splits({"shop": {"a": 100}})
    assert await call(shop, "values") == {
        "sum": 3,
        "pipelined": 7,
        "callback": "called 6",
        "stream": "streamed",
        "property": "counter",
        "error": "RangeError: boom",
        "tried": 1,
        "other": 0,
    }
    assert await call(shop, "rows", arguments='["one"]') == ["one"]
    assert await call(shop, "rows", arguments='["two"]') == ["one", "two"]


async def test_objects_move_with_the_split_and_keep_what_they_have(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    names = [f"object {number}" for number in range(20)]
    for version_id in ("a", "b"):
        await runtime.start_version(counter(version_id))
    places = []
    for split in ({"b": 0, "a": 100}, {"b": 30, "a": 70}, {"b": 60, "a": 40}, {"b": 100}):
        await runtime.set_splits({"shop": split})
        places.append({name: await call(shop, "where", name) for name in names})
        for name in names:
            assert await call(shop, "increment", name) == len(places)
    assert Counter(places[0].values()) == {"a": 20}
    assert Counter(places[3].values()) == {"b": 20}
    for before, after in itertools.pairwise(places):
        assert all(after[name] == "b" for name in names if before[name] == "b")
    assert len(set(places[2].values())) == 2


async def test_an_alarm_comes_after_a_restart(tmp_path: Path) -> None:

    for start in range(2):
        runtime = Runtime(tmp_path / "edge", PRODUCTS)
        await runtime.start()
        try:
            await runtime.start_version(counter("a"))
            await runtime.set_splits({"shop": {"a": 100}})
            headers = {"host": "shop.localhost"}
            async with httpx2.AsyncClient(base_url=runtime.traffic_url, headers=headers, timeout=20) as shop:
                if start == 0:
                    await call(shop, "alarmIn", arguments="[2000]")
                    continue
                for _ in range(100):
                    if await call(shop, "alarms") == 1:
                        break
                    await asyncio.sleep(0.1)
                assert await call(shop, "alarms") == 1
        finally:
            await runtime.stop()


async def test_short_calls_outlive_a_change_of_hosts(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    for version_id in ("a", "b"):
        await runtime.start_version(counter(version_id))
    await runtime.set_splits({"shop": {"a": 100}})
    statuses: Counter[int] = Counter()
    changing = asyncio.Event()

    async def visit(name: str) -> None:
        while not changing.is_set():
            statuses[(await shop.get("/", params={"name": name})).status_code] += 1

    visitors = [asyncio.create_task(visit(name)) for name in ("one", "two", "three")]
    for split in ({"a": 50, "b": 50}, {"b": 100}, {"b": 10, "a": 90}):
        await asyncio.sleep(0.3)
        await runtime.set_splits({"shop": split})
    await asyncio.sleep(0.3)
    changing.set()
    await asyncio.gather(*visitors)
    counted = sum([await call(shop, "increment", name, "[0]") for name in ("one", "two", "three")])
    assert set(statuses) == {200}
    assert counted == statuses[200]


async def test_alarms_move_with_their_objects(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    names = [f"object {number}" for number in range(8)]
    for version_id in ("a", "b"):
        await runtime.start_version(counter(version_id))
    await runtime.set_splits({"shop": {"a": 100}})
    for name in names:
        await call(shop, "alarmIn", name, "[4000]")
    await runtime.set_splits({"shop": {"b": 50, "a": 50}})
    for name in names:
        for _ in range(300):
            if await call(shop, "alarms", name):
                break
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    assert [await call(shop, "alarms", name) for name in names] == [1] * len(names)


async def test_what_objects_log_is_told(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    code = COUNTER.replace("async increment(", "say(word) { console.log(word); }\n  async increment(")
    for version_id in ("a", "b"):
        spec = version(version_id, code, bindings=(BINDING,))
        await runtime.start_version(dataclasses.replace(spec, classes=CLASSES))
    await runtime.set_splits({"shop": {"a": 100}})
    await call(shop, "say", arguments='["before"]')
    with runtime.tail("shop") as queue:
        await _said(shop, queue, "first", "a")
        await runtime.set_splits({"shop": {"b": 100}})
        await _said(shop, queue, "second", "b")


async def _said(shop: httpx2.AsyncClient, queue: TailQueue, word: str, version_id: str) -> None:
    """Have it said until it is told: a tail begins a moment after it is asked for."""
    for _ in range(100):
        await call(shop, "say", arguments=f'["{word}"]')
        while not queue.empty():
            event = queue.get_nowait()
            words = [log["message"] for log in event["logs"]]
            assert ["before"] not in words
            if words == [[word]]:
                assert event["scriptVersion"]["id"] == version_id
                assert event["entrypoint"] == "Counter"
                return
        await asyncio.sleep(0.1)
    pytest.fail(f"{word} was not told")
