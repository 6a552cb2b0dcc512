"""Requests a second: hello-world through the edge, by bare workerd, behind the leanest router, in turn."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.edge.client import Load, LoadProcess
from bench.edge.workerds import bare_workerd, leanest_router

if TYPE_CHECKING:
    from bench.edge.running import RunningEdge

CONNECTIONS = 32
ROUNDS = 5
ROUND_SECONDS = 2.0


class Wrong(Exception):
    """The edge answered or counted wrongly, so that its figures mean nothing."""


@dataclass(frozen=True)
class Throughput:
    """Requests a second in each round: bare, the leanest router, the edge with one version, with two."""

    rounds: tuple[tuple[float, float, float, float], ...]

    @property
    def ratio(self) -> float:
        """One version behind the edge to bare workerd: the median of the rounds' ratios."""
        return median(one / bare for bare, _, one, _ in self.rounds)

    @property
    def ratio_to_leanest(self) -> float:
        """The same to the leanest router: what choosing, counting and repeating cost."""
        return median(one / leanest for _, leanest, one, _ in self.rounds)

    @property
    def ceiling(self) -> float:
        """The leanest router to bare workerd: what no router in JavaScript can be faster than."""
        return median(leanest / bare for bare, leanest, _, _ in self.rounds)

    def __str__(self) -> str:
        names = ("bare workerd", "the leanest router", "the edge, one version", "the edge, 50/50")
        columns = zip(*self.rounds, strict=True)
        return "\n".join(
            f"  {name:22} median {median(each):8,.0f} requests/s   ({min(each):,.0f} to {max(each):,.0f})"
            for name, each in zip(names, columns, strict=True)
        )


def measure(edge: RunningEdge) -> Throughput:
    """Raises Wrong when an answer was not as it should be, or the counters do not agree with the client."""
    edge.upload("one", first=True)
    halves = [edge.upload("two", first=True), edge.upload("two")]
    edge.split("two", dict.fromkeys(halves, 50.0))
    loads = []
    with bare_workerd() as bare, leanest_router(bare) as leanest:
        for _ in range(ROUNDS + 1):
            without = [_load(port, "one", marked=0) for port in (bare, leanest)]
            loads.append((*without, *(_load(edge.traffic_port, script) for script in ("one", "two"))))
    for script, column in (("one", 2), ("two", 3)):
        answered, counted = sum(each[column].good for each in loads), edge.requests_counted(script)
        if answered != counted:
            raise Wrong(f"{script}: the client got {answered} answers, the edge counted {counted}")
    # The first round warms up.
    return Throughput(tuple((a.rate, b.rate, c.rate, d.rate) for a, b, c, d in loads[1:]))


def _load(port: int, script: str, *, marked: int = 1) -> Load:
    host = f"{script}.localhost"
    load = LoadProcess(port, host, connections=CONNECTIONS, seconds=ROUND_SECONDS, marked=marked).wait()
    if load.bad:
        raise Wrong(f"{load.bad} bad answers, such as {load.told[0]}")
    return load
