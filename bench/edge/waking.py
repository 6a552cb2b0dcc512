"""How long a visitor of a sleeping version waits, beside a bare workerd started for its first answer."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.edge.throughput import Wrong
from bench.edge.workerds import bare_workerd

if TYPE_CHECKING:
    from bench.edge.running import RunningEdge

SLEEPERS = 30
AWAKE = 20
"""So many of the newest versions may still have a process: two are kept, sixteen linger."""
SCRIPT = "sleeper"


@dataclass(frozen=True)
class Waking:
    """Seconds until the first answer: of a bare workerd, and at the preview address of a sleeping version."""

    pairs: tuple[tuple[float, float], ...]

    @property
    def typical_ms(self) -> float:
        return median(woken for _, woken in self.pairs) * 1000

    def __str__(self) -> str:
        names = ("bare workerd, started", "a version, woken")
        return "\n".join(
            f"  {name:22} median {median(each) * 1000:5.0f} ms   (95 %: {_slowest(each) * 1000:.0f} ms)"
            for name, each in zip(names, zip(*self.pairs, strict=True), strict=True)
        )


def measure(edge: RunningEdge) -> Waking:
    """Upload many versions, so that the older ones sleep; then visit each of these once."""
    versions = [edge.upload(SCRIPT, first=number == 0) for number in range(SLEEPERS + AWAKE)]
    sleepers = versions[1:SLEEPERS]
    return Waking(tuple((_started_bare(), _visited(edge.traffic_port, version)) for version in sleepers))


def _started_bare() -> float:
    began = time.perf_counter()
    with bare_workerd() as port:
        _ask(port, "hello.localhost")
        return time.perf_counter() - began


def _visited(port: int, version: str) -> float:
    began = time.perf_counter()
    answered = _ask(port, f"{version[:8]}-{SCRIPT}.localhost").getheader("x-localedge-version")
    took = time.perf_counter() - began
    if answered != version:
        raise Wrong(f"version {version} did not wake, {answered} answered")
    return took


def _ask(port: int, host: str) -> http.client.HTTPResponse:
    """One request on a connection of its own; a connection waits until the process behind it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/", headers={"Host": host})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def _slowest(seconds: tuple[float, ...]) -> float:
    return sorted(seconds)[round(0.95 * len(seconds)) - 1]
