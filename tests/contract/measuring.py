"""The stands on which each source of measurements is held against the same promises."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from headgate.adapters import localedge
from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.clock import SystemClock
from headgate.adapters.cloudflare.client import ApiClient
from headgate.adapters.cloudflare.graphql import GraphQlClient
from headgate.adapters.cloudflare.workers import WorkersPlatform
from headgate.adapters.http_client import HttpClient
from headgate.adapters.measurements.cloudflare_analytics import CloudflareAnalytics
from headgate.adapters.measurements.cloudflare_tail import CloudflareTail
from headgate.adapters.measurements.datadog import Datadog
from headgate.adapters.measurements.edge_counters import EdgeCounters
from headgate.adapters.measurements.prometheus import Prometheus
from headgate.adapters.measurements.queried import QueriedSource
from headgate.adapters.probes import SmokeProber
from headgate.domain.artifact import Bundle, Module
from headgate.domain.rollout.sources import DatadogSettings, PrometheusSettings, Queries
from headgate.domain.settings import SmokeCheck
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_measurements import MemoryMeasurements
from tests.fakes.monitoring import Monitored, monitoring_server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from datetime import datetime
    from pathlib import Path

    from headgate.domain.rollout.reading import Mark, Reading
    from headgate.ports import MetricSource

SECRET = "dd-hidden-4711"
WORKER = """
export default { async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/throw') throw new Error('boom');
    return new Response('as asked', { status: Number(path.slice(1)) || 200 });
} };
"""
PATIENCE_SECONDS = 30.0


class Stand(Protocol):
    """A source, two versions of a Worker that it measures, and requests to them."""

    script: str

    @property
    def source(self) -> MetricSource:
        """What is held against its promises."""

    @property
    def versions(self) -> Sequence[str]:
        """The old one and the new one."""

    @property
    def sees_status(self) -> bool:
        """Whether an answer with status 500 counts as an error."""

    @property
    def failing(self) -> int:
        """A status that it does count as an error; 0 is an exception."""

    def serve(self, version: str, *statuses: int) -> None:
        """Requests of users."""

    def read(self, mark: Mark, *, requests: int) -> Reading:
        """Read when the source may know of so many requests in all; the last reading if it never does."""

    def fail(self) -> None:
        """Let the source be out of reach."""

    def anew(self) -> MetricSource:
        """The source as another process has it."""


class MemoryStand:
    """The fake."""

    sees_status, failing = True, 500

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.source = self.memory = MemoryMeasurements(self.clock)
        self.script, self.versions = "shop", ("v-old", "v-new")

    def serve(self, version: str, *statuses: int) -> None:
        self.memory.serve(version, *statuses)

    def read(self, mark: Mark, *, requests: int) -> Reading:
        self.clock.advance(10)
        return self.source.since(self.script, mark)

    def fail(self) -> None:
        self.memory.fail()

    def anew(self) -> MetricSource:
        return self.source


class MonitoringStand:
    """Prometheus or Datadog, as a small server on loopback, with a clock that moves when it is told to."""

    sees_status, failing = True, 503

    def __init__(self, system: str, closing: ExitStack) -> None:
        self.system = system
        self.clock = FixedClock()
        self.monitored = Monitored(self.clock)
        self.script, self.versions = "shop", ("v-old", "v-new")
        self.url = closing.enter_context(monitoring_server(self.monitored))
        self.http = closing.enter_context(HttpClient(user_agent="headgate/test"))
        self.source = self.anew()

    def serve(self, version: str, *statuses: int) -> None:
        self.clock.advance(40)
        self.monitored.serve(version, *statuses)

    def read(self, mark: Mark, *, requests: int) -> Reading:
        self.clock.advance(200)
        return self.source.since(self.script, mark)

    def fail(self) -> None:
        self.monitored.answer = (503, {"status": "error", "errorType": "unavailable", "error": "no"})

    def anew(self) -> QueriedSource:
        if self.system == "prometheus":
            queries = Queries(
                requests='requests{version="{version}"}', latency='latency{version="{version}"}'
            )
            settings = PrometheusSettings(self.url, queries, token_env="TOKEN")
            backend = Prometheus(settings, self.http, {"TOKEN": SECRET})
            return QueriedSource(
                "prometheus", backend, queries, self.clock, step_seconds=10, delay_seconds=30.0
            )
        queries = Queries(requests="sum:requests{version:{version}} by {status}.as_count()")
        keys = {"DD_API_KEY": SECRET, "DD_APP_KEY": SECRET}
        datadog = Datadog(DatadogSettings(queries=queries), self.http, keys, url=self.url)
        return QueriedSource("datadog", datadog, queries, self.clock, step_seconds=20, delay_seconds=120.0)


class AheadClock(SystemClock):
    """The machine's clock, which can be put ahead: a source that waits for whole minutes need not."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class EdgeStand:
    """A Worker with two versions on a real local edge, read in one of the ways that there are."""

    def __init__(self, way: str, folder: Path, closing: ExitStack) -> None:
        self.way = way
        self.sees_status = way != "analytics"
        self.failing = 0 if way == "analytics" else 503
        self.clock = AheadClock()
        self.http = closing.enter_context(HttpClient(user_agent="headgate/test", timeout_seconds=10))
        self.access = localedge.access(folder)
        self.api = ApiClient(self.access, self.http, calls=MemoryCallLog(), clock=self.clock)
        platform = WorkersPlatform(self.api, self.access)
        self.platform = platform
        self.script = f"measured-{uuid.uuid4().hex[:8]}"
        old = platform.create_worker(self.script, _bundle("old"), message="old", tag="o").id
        new = platform.upload_version(self.script, _bundle("new"), message="new", tag="n").id
        platform.deploy(self.script, {old: 50.0, new: 50.0}, message="both")
        self.versions = (old, new)
        self.address = platform.address(self.script)
        self.prober = SmokeProber(folder, self.http)
        self._tails: list[CloudflareTail] = []
        closing.callback(self._close)
        self._api_url = self.access.api_url
        self.source = self.anew()
        if isinstance(self.source, CloudflareTail):
            self.source.check(self.script)
            # The versions get new processes, which tell of their events from a moment later on.
            self._until_heard()

    def serve(self, version: str, *statuses: int) -> None:
        # Analytics tells times by the second, and a tail tells of a request a moment later.
        threading.Event().wait({"analytics": 1.1}.get(self.way, 0.0))
        for status in statuses:
            check = SmokeCheck("visit", f"/{status}" if status else "/throw", status=status or 500)
            result = self.prober.run(check, self.address, script=self.script, version_id=version)
            assert result.passed, result.what
        threading.Event().wait({"tail": 0.5}.get(self.way, 0.0))

    def read(self, mark: Mark, *, requests: int) -> Reading:
        self.clock.ahead = timedelta(minutes=5) if self.way == "analytics" else timedelta(0)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            reading = self.source.since(self.script, mark)
            counted = sum(counters.requests for counters in reading.counters.values())
            if counted >= requests or time.monotonic() > deadline:
                return reading
            threading.Event().wait(0.1)

    def fail(self) -> None:
        """The edge itself goes on for the next test: the source is given an address where nobody answers."""
        self.access = replace(self.access, api_url="http://127.0.0.1:9/client/v4")
        self.source = self.anew()

    def anew(self) -> MetricSource:
        if self.way == "analytics":
            graphql = GraphQlClient(self.access, self.http, calls=MemoryCallLog(), timeout_seconds=5)
            return CloudflareAnalytics(graphql, self.clock, delay_seconds=0.0)
        if self.way == "tail":
            api = ApiClient(self.access, self.http, calls=MemoryCallLog(), clock=self.clock)
            self._tails.append(CloudflareTail(api, self.clock, delay_seconds=0.0))
            return self._tails[-1]
        return EdgeCounters(localedge.metrics_url(self.access), self.http, self.clock)

    def _until_heard(self) -> None:
        mark = self.source.begin(self.script, self.versions)
        deadline = time.monotonic() + PATIENCE_SECONDS
        missing = set(self.versions)
        while missing and time.monotonic() < deadline:
            for version in missing:
                self.serve(version, 200)
            threading.Event().wait(0.2)
            counters = self.source.since(self.script, mark).counters
            missing = {version for version in missing if not counters[version].requests}
        threading.Event().wait(1.0)

    def _close(self) -> None:
        for tail in self._tails:
            tail.close()
        self.platform.delete_worker(self.script)


def _bundle(says: str) -> Bundle:
    metadata = {"main_module": "index.js", "compatibility_date": "2026-01-01", "bindings": []}
    code = f"// {says}\n{WORKER}".encode()
    return Bundle((Module("index.js", "application/javascript+module", code),), metadata)
