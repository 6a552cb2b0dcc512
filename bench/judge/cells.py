"""What is simulated: healthy canaries of every size, troubles that hit both versions, and regressions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from bench.judge.worlds import World, bursts, drift, outage

SHARES, RATES, LOADS = (0.01, 0.05, 0.1, 0.5), (0.001, 0.005, 0.02), (10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class Row:
    """Some worlds that are told together."""

    name: str
    worlds: tuple[World, ...]


HEALTHY = (
    Row("36 cells", tuple(World(rps, share, rate) for share, rate, rps in product(SHARES, RATES, LOADS))),
    Row("daily drift", (World(100, 0.1, 0.005, factor=drift),)),
    Row("bursts x10", (World(100, 0.1, 0.005, factor=bursts),)),
    Row("outage of a shared dependency", (World(100, 0.1, 0.005, factor=outage),)),
    Row("retries in clusters of 4", (World(100, 0.1, 0.005, clusters=4),)),
)
WORSE = (2.0, 5.0, 20.0, 200.0)
BROKEN = tuple(
    Row(f"{rps:g} requests/s", tuple(World(rps, 0.1, 0.005, worse=worse) for worse in WORSE)) for rps in LOADS
)
