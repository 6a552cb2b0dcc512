"""How long a visitor of a version that sleeps waits: its process is started for the request."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.edge.running import RunningEdge

SLEEPERS = 40
AWAKE = 20
"""So many of the newest versions may still have a process: two are kept, sixteen linger."""
SCRIPT = "sleeper"


@dataclass(frozen=True)
class Waking:
    """Seconds from the request to a preview address until its answer was there, each of another version."""

    seconds: tuple[float, ...]

    @property
    def typical_ms(self) -> float:
        return median(self.seconds) * 1000

    def __str__(self) -> str:
        slowest = sorted(self.seconds)[round(0.95 * len(self.seconds)) - 1]
        return f"  {self.typical_ms:.0f} ms (95 %: {slowest * 1000:.0f} ms), {len(self.seconds)} versions"


def measure(edge: RunningEdge) -> Waking:
    """Upload many versions, so that the older ones sleep; then visit each of these once."""
    versions = [edge.upload(SCRIPT, first=number == 0) for number in range(SLEEPERS + AWAKE)]
    return Waking(tuple(_visit(edge.traffic_port, version) for version in versions[1:SLEEPERS]))


def _visit(port: int, version: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.perf_counter()
    connection.request("GET", "/", headers={"Host": f"{version[:8]}-{SCRIPT}.localhost"})
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    if answer.getheader("x-localedge-version") != version:
        raise RuntimeError(f"version {version} did not wake: {answer.status}")
    connection.close()
    return took
