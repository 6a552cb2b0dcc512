"""Nothing is lost while versions come, change their shares and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.localedge.runtime.visitors import Visitors
from tests.localedge.runtime.workers import EVERYTHING, version, versions_of

if TYPE_CHECKING:
    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_100_changes_of_the_split_lose_nothing(runtime: Runtime, method: str) -> None:
    for version_id in ("old", "new"):
        await runtime.start_version(version(version_id))
    await runtime.set_splits({"shop": {"old": 100}})
    visitors = Visitors(runtime.traffic_url, method=method)
    async with visitors.visiting():
        for change in range(100):
            await runtime.set_splits({"shop": {"old": 100 - change, "new": change}})
            await asyncio.sleep(0.01)
    assert visitors.bad == []
    assert min(visitors.answers["old"], visitors.answers["new"]) > 100
    assert {
        counters.version_id: counters.requests for counters in await runtime.counters()
    } == visitors.answers


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_6_rolling_versions_lose_nothing(runtime: Runtime, method: str) -> None:
    await runtime.start_version(version("v0", EVERYTHING))
    await runtime.set_splits({"shop": {"v0": 100}})
    visitors = Visitors(runtime.traffic_url, method=method, path="/sleep?n=3")
    async with visitors.visiting():
        for number in range(1, 7):
            await runtime.start_version(version(f"v{number}", EVERYTHING))
            await runtime.set_splits({"shop": {f"v{number - 1}": 50, f"v{number}": 50}})
            await asyncio.sleep(0.1)
            await runtime.set_splits({"shop": {f"v{number}": 100}})
            await runtime.retire_version(f"v{number - 1}")
    assert visitors.bad == []
    assert set(visitors.answers) == {f"v{number}" for number in range(7)}
    running = [process.name for process in versions_of(runtime) if process.state == "running"]
    assert running == ["version-v6"]
