"""Under as much load as the edge can take: nothing is lost, and the shares are what was asked for."""

from __future__ import annotations

import math
import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.edge.client import LoadProcess
from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.edge.client import Load

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

CHANGES = 100
CHANGES_PER_UPLOAD = 5
PAUSE_SECONDS = 0.1
REQUESTS = 100_000
KILLS = 3
LOST_MAX = 19
RESTART_SECONDS = 30
SPLIT_REQUESTS = 10_000
SIGMAS = 5.2
"""Chance alone goes as far once in five million runs (normal law, both sides)."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningEdge]:
    """An edge with one Worker, `shop`, and nothing else."""
    running = RunningEdge(tmp_path / "edge").start()
    try:
        yield running
    finally:
        running.stop()


def load_on(edge: RunningEdge, **bounds: int) -> LoadProcess:
    return LoadProcess(int(edge.told["traffic_url"].rpartition(":")[2]), "shop.localhost", **bounds)


def test_100_changes_of_the_split_and_20_uploads_lose_none_of_100_000_requests(own: RunningEdge) -> None:
    old, new = own.deploy("shop", "version 0"), own.add_version("shop", "version 1")
    load = load_on(own, requests=REQUESTS)
    for change in range(CHANGES):
        share = change % 99 + 1
        assert own.serve("shop", (old, 100 - share), (new, share)).status == 200
        if change % CHANGES_PER_UPLOAD == CHANGES_PER_UPLOAD - 1:
            old, new = new, own.add_version("shop", f"after change {change}")
        time.sleep(PAUSE_SECONDS)
    done = load.wait()
    assert (done.bad, done.told) == (0, [])
    assert done.good >= REQUESTS
    assert len(done.versions) > CHANGES / CHANGES_PER_UPLOAD
    assert counted(own) == done.versions


def counted(edge: RunningEdge) -> dict[str, int]:
    """Requests by version, as the edge counted them."""
    text = edge.raw("GET", edge.told["api_url"].removesuffix("/client/v4") + "/metrics").text
    found: dict[str, int] = {}
    for labels, value in re.findall(r"^localedge_requests_total\{(.*)\} (\d+)", text, re.MULTILINE):
        version = re.search(r'version="([^"]*)"', labels)
        assert version is not None
        found[version[1]] = found.get(version[1], 0) + int(value)
    return {version: count for version, count in found.items() if count}


def test_a_live_version_that_is_killed_loses_fewer_than_20_reading_requests(own: RunningEdge) -> None:
    version = own.deploy("shop")
    load = load_on(own)
    for _ in range(KILLS):
        time.sleep(1)
        before = version_pid(own)
        assert before is not None
        os.kill(before, signal.SIGKILL)
        end = time.monotonic() + RESTART_SECONDS
        while version_pid(own) in {None, before}:
            assert time.monotonic() < end, "it does not come back"
            time.sleep(0.01)
    time.sleep(1)
    done = load.stop()
    assert done.bad <= LOST_MAX, done.told
    assert set(done.versions) == {version}
    assert done.good > 100


def version_pid(edge: RunningEdge) -> int | None:
    """The process of the one version that is up."""
    for entry in Path("/proc").iterdir():
        try:
            arguments = (entry / "cmdline").read_bytes().decode().split("\0")
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # no process, or one that has ended
            continue
        is_version = any(re.search(r"/\d+/config\.capnp$", argument) for argument in arguments)
        if is_version and parent == str(edge.told["pid"]):
            return int(entry.name)
    return None


@pytest.mark.parametrize("percentage", [50, 10, 1])
def test_percentages_are_honoured_within_statistical_error(own: RunningEdge, percentage: int) -> None:
    old, new = own.deploy("shop", "old"), own.add_version("shop", "new")
    own.serve("shop", (old, 100 - percentage), (new, percentage))
    done: Load = load_on(own, requests=SPLIT_REQUESTS).wait()
    assert done.bad == 0, done.told
    share = percentage / 100
    deviation = math.sqrt(done.good * share * (1 - share))
    assert abs(done.versions[new] - done.good * share) < SIGMAS * deviation
    assert done.versions[old] + done.versions[new] == done.good
