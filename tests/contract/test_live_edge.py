"""Probes and counters against a real local edge: their promises rest on what it counts and answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from headgate.adapters import localedge
from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.clock import SystemClock
from headgate.adapters.cloudflare.client import ApiClient
from headgate.adapters.cloudflare.workers import WorkersPlatform
from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.edge_counters import EdgeCounters
from headgate.adapters.probes import SmokeProber
from headgate.domain.artifact import Bundle, Module
from headgate.domain.settings import SmokeCheck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

GOOD = "return new Response('good')"
BAD = """
    const path = new URL(request.url).pathname;
    if (path === '/throw') throw new Error('boom');
    return new Response('bad', { status: Number(path.slice(1)) || 200 });
"""


class Edge:
    """One Worker on the edge: a good version that serves, and a bad one beside it at 0 %."""

    def __init__(self, folder: Path, http: HttpClient) -> None:
        access = localedge.access(folder)
        self.platform = WorkersPlatform(
            ApiClient(access, http, calls=MemoryCallLog(), clock=SystemClock()), access
        )
        self.script = f"live-{uuid.uuid4().hex[:8]}"
        self.good = self.platform.create_worker(self.script, bundle(GOOD), message="good", tag="g").id
        self.bad = self.platform.upload_version(self.script, bundle(BAD), message="bad", tag="b").id
        self.platform.deploy(self.script, {self.good: 100.0, self.bad: 0.0}, message="beside")
        self.address = self.platform.address(self.script)
        self.counters = EdgeCounters(localedge.metrics_url(access), http, SystemClock())
        self.prober = SmokeProber(folder, http)

    def probe(self, path: str, version_id: str = "", **expected: int | str) -> tuple[bool, str]:
        check = SmokeCheck("probe", path, **expected)  # type: ignore[arg-type]
        result = self.prober.run(check, self.address, script=self.script, version_id=version_id)
        return result.passed, result.what


def bundle(body: str) -> Bundle:
    code = f"export default {{ async fetch(request) {{ {body} }} }};".encode()
    metadata = {"main_module": "index.js", "compatibility_date": "2026-09-01", "bindings": []}
    return Bundle((Module("index.js", "application/javascript+module", code),), metadata)


@pytest.fixture(name="edge")
def a_worker_on_the_edge(edge_folder: Path) -> Iterator[Edge]:
    with HttpClient(user_agent="headgate/test") as http:
        edge = Edge(edge_folder, http)
        yield edge
        edge.platform.delete_worker(edge.script)


def test_a_probe_reaches_the_version_it_asks_for_and_no_other(edge: Edge) -> None:
    assert edge.probe("/", body_contains="good")[0]
    assert edge.probe("/", edge.bad, body_contains="bad")[0]
    assert edge.probe("/", edge.good, body_contains="good")[0]


def test_a_version_outside_the_deployment_does_not_pass_for_the_one_that_serves(edge: Edge) -> None:
    edge.platform.deploy(edge.script, {edge.good: 100.0}, message="alone")
    passed, what = edge.probe("/", edge.bad)
    assert not passed
    assert f"version {edge.good} did" in what


def test_each_request_is_counted_once_however_it_fails(edge: Edge) -> None:
    mark = edge.counters.begin(edge.script, (edge.good, edge.bad))
    for path, status in (("/throw", 500), ("/throw", 500), ("/503", 503), ("/404", 404), ("/", 200)):
        assert edge.probe(path, edge.bad, status=status)[0]
    assert edge.probe("/")[0]
    found = edge.counters.since(edge.script, mark).counters
    bad, good = found[edge.bad], found[edge.good]
    assert (bad.requests, bad.exceptions, bad.errors) == (5, 2, 3)
    assert (good.requests, good.exceptions, good.errors) == (1, 0, 0)
    assert bad.buckets[float("inf")] == 5
    assert bad.latency_ms(0.95) is not None
