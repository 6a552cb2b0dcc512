"""Starting a runtime: where it finds its tools, its port and its sockets, and what it says if it does not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from localedge.products import PRODUCTS
from localedge.runtime import Runtime, ToolsMissing, TrafficPortTaken
from localedge.runtime.sockets import RECORD, remove_socket_folder, socket_folder
from localedge.runtime.tools import find_tools
from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_tools_are_found_from_within_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = find_tools()
    monkeypatch.chdir(tmp_path)
    assert find_tools() == here
    monkeypatch.setenv("LOCALEDGE_NODE_MODULES", str(here.simulators.parents[3]))
    assert find_tools() == here


async def test_missing_tools_say_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCALEDGE_NODE_MODULES", str(tmp_path))
    with pytest.raises(ToolsMissing, match=r"npm ci --ignore-scripts.*LOCALEDGE_NODE_MODULES") as missing:
        await Runtime(tmp_path / "edge", PRODUCTS).start()
    assert str(tmp_path) in str(missing.value)


async def test_a_port_that_is_taken_is_named(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(TrafficPortTaken, match=str(taken_port)):
        await Runtime(tmp_path, PRODUCTS, traffic_port=taken_port).start()


@pytest.mark.e2e
async def test_the_port_asked_for_is_taken_again_after_a_stop(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        runtime = Runtime(tmp_path, PRODUCTS, traffic_port=port)
        await runtime.start()
        try:
            assert runtime.traffic_url == f"http://127.0.0.1:{port}"
            async with httpx2.AsyncClient() as client:
                assert (await client.get(runtime.traffic_url)).status_code == 404
        finally:
            await runtime.stop()


@pytest.mark.e2e
async def test_a_folder_too_deep_for_sockets_has_them_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    runtime = Runtime(folder, PRODUCTS)
    await runtime.start()
    try:
        sockets = _recorded(folder)
        await runtime.start_version(version("only"))
        await runtime.set_splits({"shop": {"only": 100}})
        async with httpx2.AsyncClient(headers={"host": "shop.localhost"}) as client:
            assert (await client.get(runtime.traffic_url)).is_success
    finally:
        await runtime.stop()
    assert not sockets.exists()


def _recorded(folder: Path) -> Path:
    sockets = Path((folder / RECORD).read_text())
    assert sockets.stat().st_mode & 0o077 == 0
    return sockets


def test_sockets_that_a_killed_run_left_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 40)
    folder.mkdir()
    left = socket_folder(folder)
    (left / "v0").touch()
    again = socket_folder(folder)
    assert not left.exists()
    remove_socket_folder(folder)
    assert not again.exists()
    assert list(folder.iterdir()) == []


def test_a_record_that_was_tampered_with_removes_nothing(tmp_path: Path) -> None:
    folder, precious = tmp_path / ("deep" * 40), tmp_path / "precious"
    folder.mkdir()
    precious.mkdir()
    (folder / RECORD).write_text(str(precious))
    remove_socket_folder(folder)
    assert precious.exists()


@pytest.mark.e2e
async def test_visitors_who_come_before_the_versions_wait_for_them(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path, PRODUCTS)
    await runtime.start(and_open=False)
    try:
        async with httpx2.AsyncClient(headers={"host": "shop.localhost"}, timeout=30) as client:
            visits = [asyncio.create_task(client.get(runtime.traffic_url)) for _ in range(3)]
            await runtime.start_version(version("only"))
            await runtime.set_splits({"shop": {"only": 100}})
            assert not any(visit.done() for visit in visits)
            await runtime.open()
            assert [answer.text for answer in await asyncio.gather(*visits)] == ["hello from only"] * 3
        (counters,) = await runtime.counters()
        assert counters.requests == 3
    finally:
        await runtime.stop()
