"""Which version a request comes to, and what is counted."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from typing import TYPE_CHECKING

import httpx2
import pytest

from localedge.runtime import VersionInUse, VersionNotUp
from tests.localedge.runtime.visitors import until
from tests.localedge.runtime.workers import EVERYTHING, version, versions_of

if TYPE_CHECKING:
    from localedge.runtime import Runtime, VersionCounters

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

OVERRIDES = "Cloudflare-Workers-Version-Overrides"
STICKY = "Cloudflare-Workers-Version-Key"
VERSION = "x-localedge-version"


async def up(runtime: Runtime, **percentages: float) -> None:
    for version_id in percentages:
        await runtime.start_version(version(version_id, EVERYTHING))
    await runtime.set_splits({"shop": percentages})


async def counted(runtime: Runtime, version_id: str) -> VersionCounters:
    return next(counters for counters in await runtime.counters() if counters.version_id == version_id)


async def test_a_split_is_honoured(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await up(runtime, old=80, new=20)
    seen = Counter([(await shop.get("/")).headers[VERSION] for _ in range(500)])
    assert 60 <= seen["new"] <= 145  # 100 expected; 5 standard deviations are 45
    assert seen["old"] == 500 - seen["new"]


async def test_a_version_at_no_percent_is_reached_by_override_alone(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, old=100, new=0)
    assert {(await shop.get("/")).text for _ in range(50)} == {"hello from old"}
    answer = await shop.get("/", headers={OVERRIDES: 'other="x", shop="new"'})
    assert (answer.text, answer.headers[VERSION]) == ("hello from new", "new")


@pytest.mark.parametrize("header", ['shop="gone"', 'other="new"', "shop=new", "", "nonsense;;;="])
async def test_an_override_that_fits_nothing_changes_nothing(
    runtime: Runtime, shop: httpx2.AsyncClient, header: str
) -> None:
    await up(runtime, old=100, new=0)
    await runtime.start_version(version("gone"))
    assert (await shop.get("/", headers={OVERRIDES: header})).text == "hello from old"


async def test_a_version_key_sticks_and_moves_one_way_as_the_share_grows(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    async def places() -> dict[str, str]:
        keys = [f"visitor-{number}" for number in range(60)]
        return {key: (await shop.get("/", headers={STICKY: key})).headers[VERSION] for key in keys}

    await up(runtime, old=90, new=10)
    first = await places()
    assert await places() == first
    await runtime.set_splits({"shop": {"new": 50, "old": 50}})
    second = await places()
    assert set(first.values()) | set(second.values()) == {"old", "new"}
    assert all(second[key] == "new" for key, place in first.items() if place == "new")


@pytest.mark.parametrize("host", ["nobody.localhost:80", "localhost", "127.0.0.1:8787"])
async def test_an_unknown_host_is_told_so(runtime: Runtime, shop: httpx2.AsyncClient, host: str) -> None:
    await up(runtime, only=100)
    answer = await shop.get("/", headers={"host": host})
    assert answer.status_code == 404
    assert host in answer.text
    assert VERSION not in answer.headers


async def test_the_first_label_of_the_host_names_the_worker(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, only=100)
    await runtime.start_version(version("theirs", script="api"))
    await runtime.set_splits({"shop": {"only": 100}, "api": {"theirs": 100}})
    hosts = ("shop.localhost", "Shop.localhost:1", "api.localhost")
    seen = [(await shop.get("/", headers={"host": host})).headers[VERSION] for host in hosts]
    assert seen == ["only", "only", "theirs"]
    for host in ("shop", "shop.localhosts", "shop.localhost.test", "a.shop.localhost", "127.0.0.1:80"):
        assert (await shop.get("/", headers={"host": host})).status_code == 404


async def test_a_script_without_versions_is_not_served(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await up(runtime, only=100)
    await runtime.set_splits({"shop": {}})
    assert (await shop.get("/")).status_code == 404


async def test_a_change_leaves_other_scripts_alone_also_over_a_restart(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, only=100)
    await runtime.start_version(version("theirs", script="api"))
    await runtime.set_splits({"api": {"theirs": 100}})
    assert (await shop.get("/")).headers[VERSION] == "only"
    await runtime.set_splits({"shop": {}})
    before = router_pid(runtime)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: router_pid(runtime) not in {None, before})
    async with httpx2.AsyncClient(base_url=runtime.traffic_url, timeout=20) as again:
        answer = await again.get("/", headers={"host": "api.localhost"})
        assert answer.headers[VERSION] == "theirs"
        assert (await again.get("/", headers={"host": "shop.localhost"})).status_code == 404


def router_pid(runtime: Runtime) -> int | None:
    return next(process.pid for process in runtime.processes() if process.name == "router")


async def test_a_split_names_only_versions_that_are_up(runtime: Runtime) -> None:
    with pytest.raises(VersionNotUp):
        await runtime.set_splits({"shop": {"never": 100}})


async def test_a_version_in_a_split_is_not_retired(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await up(runtime, only=100)
    with pytest.raises(VersionInUse):
        await runtime.retire_version("only")
    assert (await shop.get("/")).is_success


async def test_starting_and_retiring_again_change_nothing(runtime: Runtime) -> None:
    spec = version("only")
    first, second = await asyncio.gather(runtime.start_version(spec), runtime.start_version(spec))
    assert first == second > 0
    assert len(runtime.processes()) == 4
    await runtime.retire_version("only")
    await runtime.retire_version("only")
    assert [process.state for process in versions_of(runtime)] == ["finishing"]


async def test_a_version_that_was_just_retired_serves_again_at_once(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, only=100)
    before = runtime.processes()
    await runtime.set_splits({"shop": {}})
    await runtime.retire_version("only")
    await up(runtime, only=100)
    assert (await shop.get("/")).is_success
    assert runtime.processes() == before


async def test_only_so_many_retired_versions_are_kept(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.fading.FADING_MAX", 2)
    for number in range(4):
        await runtime.start_version(version(f"v{number}"))
        await runtime.retire_version(f"v{number}")
    await until(lambda: [process.name for process in versions_of(runtime)] == ["version-v2", "version-v3"])


async def test_an_uncaught_exception_is_told_from_an_answer_with_500(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, only=100)
    thrown, given = await shop.get("/throw"), await shop.get("/500")
    assert (thrown.status_code, given.status_code) == (500, 500)
    assert "Worker threw exception" in thrown.text
    assert "1101" in thrown.text
    assert given.text == ""
    assert thrown.headers[VERSION] == given.headers[VERSION] == "only"
    counters = await counted(runtime, "only")
    assert (counters.requests, counters.exceptions, counters.statuses) == (2, 1, {500: 2})


async def test_requests_statuses_and_latency_are_counted_for_each_version(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, old=100, new=0)
    for path in ("/", "/", "/status?n=404", "/status?n=503", "/sleep?n=100"):
        await shop.get(path)
    await shop.get("/", headers={OVERRIDES: 'shop="new"'})
    old, new = await counted(runtime, "old"), await counted(runtime, "new")
    assert old.script == new.script == "shop"
    assert (old.requests, old.exceptions, old.unanswered, old.inflight) == (5, 0, 0, 0)
    assert old.statuses == {200: 3, 404: 1, 503: 1}
    assert (new.requests, new.statuses) == (1, {200: 1})
    latency = old.latency
    assert len(latency.counts) == len(latency.edges_ms) + 1
    assert latency.counts[-1] == 5
    assert list(latency.counts) == sorted(latency.counts)
    assert latency.counts[latency.edges_ms.index(80)] < 5
    assert latency.sum_ms >= 100


async def test_requests_in_flight_are_counted_and_forgotten_when_the_client_leaves(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await up(runtime, only=100)
    visits = [asyncio.create_task(shop.get("/sleep?n=800")) for _ in range(3)]
    await asyncio.sleep(0.4)
    assert (await counted(runtime, "only")).inflight == 3
    for visit in visits[:2]:
        visit.cancel()
    await asyncio.wait(visits)
    await asyncio.sleep(0.4)
    assert (await counted(runtime, "only")).inflight == 0


async def test_a_request_without_a_path_is_refused_and_not_counted(runtime: Runtime) -> None:
    await up(runtime, only=100)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(runtime.traffic_url.rpartition(":")[2]))
    writer.write(b"OPTIONS * HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 400 ")
    writer.close()
    counters = await counted(runtime, "only")
    assert (counters.requests, counters.exceptions, counters.unanswered) == (0, 0, 0)
