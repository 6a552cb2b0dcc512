"""Processes that are killed: the edge's own are started again, and none outlives the edge."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx2
import pytest

from localedge.kv.store import KvStore, KvValue
from localedge.products import PRODUCTS
from localedge.runtime import Runtime
from tests.localedge.runtime.visitors import Visitors, until
from tests.localedge.runtime.workers import EVERYTHING, HELLO, KV, NAMESPACE, OWN, version

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

RECOVERY_SECONDS = 10.0


def pid_of(runtime: Runtime, name: str) -> int | None:
    return next(process.pid for process in runtime.processes() if process.name == name)


async def kill(runtime: Runtime, name: str) -> None:
    """Kill a process, and wait until there is another."""
    pid = pid_of(runtime, name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: pid_of(runtime, name) not in {None, pid})


async def test_a_version_that_is_killed_comes_back_and_reading_requests_do_not_notice(
    runtime: Runtime,
) -> None:
    await runtime.start_version(version("only", EVERYTHING))
    await runtime.set_splits({"shop": {"only": 100}})
    visitors = Visitors(runtime.traffic_url, path="/sleep?n=5")
    async with visitors.visiting():
        for _ in range(3):
            await asyncio.sleep(0.2)
            await kill(runtime, "version-only")
    assert visitors.bad == []


async def test_a_writing_request_that_a_crash_cut_off_is_not_repeated(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("only", EVERYTHING))
    await runtime.set_splits({"shop": {"only": 100}})
    visit = asyncio.create_task(shop.post("/sleep?n=2000", content=b"order"))
    await asyncio.sleep(0.3)
    await kill(runtime, "version-only")
    answer = await visit
    assert answer.status_code == 502
    assert "x-localedge-version" not in answer.headers
    (counters,) = await runtime.counters()
    assert (counters.requests, counters.unanswered, counters.inflight) == (0, 1, 0)
    assert (await shop.post("/echo", content=b"order")).text == "order"


async def test_the_router_comes_back_on_its_port_with_its_splits_and_counters(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("only"))
    await runtime.set_splits({"shop": {"only": 100}})
    for _ in range(3):
        await shop.get("/")
    (before,) = await runtime.counters()
    await kill(runtime, "router")
    async with asyncio.timeout(RECOVERY_SECONDS):
        await shop.get("/", headers={"connection": "close"})
    (after,) = await runtime.counters()
    assert (before.requests, after.requests, after.statuses) == (3, 4, {200: 4})
    await runtime.start_version(version("next"))
    await runtime.set_splits({"shop": {"next": 100}})
    assert (await shop.get("/")).text == "hello from next"


async def test_a_change_of_the_split_waits_for_a_router_that_is_restarting(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("old"))
    await runtime.start_version(version("new"))
    await runtime.set_splits({"shop": {"old": 100}})
    pid = pid_of(runtime, "router")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await runtime.set_splits({"shop": {"new": 100}})
    assert (await shop.get("/")).text == "hello from new"


async def test_a_change_that_the_router_does_not_take_is_taken_back(
    tmp_path: Path, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.router.TIMEOUT_SECONDS", 0.5)
    runtime = Runtime(tmp_path, PRODUCTS)
    await runtime.start()
    try:
        for version_id in ("old", "new"):
            await runtime.start_version(version(version_id))
        await runtime.set_splits({"shop": {"old": 100}})
        pid = pid_of(runtime, "router")
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ConnectionError):
            await runtime.set_splits({"shop": {"new": 100}})
        os.kill(pid, signal.SIGKILL)
        await until(lambda: pid_of(runtime, "router") not in {None, pid})
        async with httpx2.AsyncClient(base_url=runtime.traffic_url, timeout=20) as visitor:
            answer = await visitor.get("/", headers={"host": "shop.localhost"})
        assert answer.text == "hello from old"
    finally:
        await runtime.stop()


async def test_storage_comes_back_with_its_data(
    runtime: Runtime, kv: KvStore, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("only", EVERYTHING, bindings=(KV,)))
    await runtime.set_splits({"shop": {"only": 100}})
    await kv.put(NAMESPACE, "key", b"kept")
    await kill(runtime, "storage")
    assert await kv.get(NAMESPACE, "key") == KvValue(b"kept")
    assert (await shop.get("/get?key=key")).text == "kept"


PARENT = f"""
import asyncio, pathlib, sys
from localedge.products import PRODUCTS
from localedge.runtime import Module, Runtime, VersionSpec

async def main():
    runtime = Runtime(pathlib.Path(sys.argv[1]), PRODUCTS)
    await runtime.start()
    module = Module("index.js", "application/javascript+module", {HELLO.encode()!r})
    await runtime.start_version(VersionSpec("shop", "v", "index.js", (module,), "2026-01-01", (), (), "", ""))
    await runtime.set_splits({{"shop": {{"v": 100}}}})
    print(*(process.pid for process in runtime.processes()), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_nothing_outlives_a_parent_that_is_killed(tmp_path: Path, anyio_backend: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(pids) == len(OWN) + 1
    assert all(_runs(pid) for pid in pids)
    parent.kill()
    await parent.wait()
    await until(lambda: not any(_runs(pid) for pid in pids))
    again = Runtime(tmp_path, PRODUCTS)
    await again.start()
    await again.stop()


def _runs(pid: int) -> bool:
    """Whether it is there, and not just waiting for its parent to take note of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_nothing_is_left_after_stop(tmp_path: Path, anyio_backend: str) -> None:
    runtime = Runtime(tmp_path, PRODUCTS)
    await runtime.start()
    await runtime.start_version(version("only"))
    pids = [process.pid for process in runtime.processes()]
    await runtime.stop()
    assert not any(_runs(pid) for pid in pids if pid)
    assert _names_in(tmp_path) == ["data", "logs", "run"]
    assert _names_in(tmp_path / "run") == ["databases.capnp", "reach", "router.capnp", "storage.capnp"]


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
