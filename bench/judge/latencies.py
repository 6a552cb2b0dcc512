"""Latency: a baseline of 40 ms in the middle with a long tail, and canaries that are slower than that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bench.judge.simulation import ROLLOUT_SECONDS, Runs
from bench.judge.worlds import SECONDS
from headgate.domain.judge.interval import USERS, Interval, Pair
from headgate.domain.judge.latency import Latency, edges_near
from headgate.domain.judge.rules import JudgeRules
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

MEDIAN_MS, SPREAD = 40.0, 0.6
EDGES_MS = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 800, 1000, 2000)
HISTORY = 180


@dataclass(frozen=True)
class Slowness:
    """`times` slower throughout, and a share of the requests that take `tail_ms` more."""

    name: str
    times: float = 1.0
    tail_share: float = 0.0
    tail_ms: float = 400.0


HEALTHY = Slowness("as fast")
SLOWER = (
    Slowness("+20 %", 1.2),
    Slowness("+50 %", 1.5),
    Slowness("x2", 2.0),
    Slowness("a tail of 3 %", tail_share=0.03),
)


def simulate(slowness: Slowness, runs: int, seed: int, pool: ProcessPoolExecutor) -> Runs:
    """100 requests/s, 10 % of them to the canary."""
    ends = pool.map(partial(_one, slowness), ((seed, run) for run in range(runs)), chunksize=5)
    return Runs(runs, tuple(end for end in ends if end is not None))


def _one(slowness: Slowness, seed: tuple[int, int]) -> float | None:
    random = np.random.default_rng(seed)
    past = _counted(random, HEALTHY, int(100 * SECONDS) * HISTORY)
    edges = edges_near(past.buckets)
    rules = JudgeRules().latency
    latency = Latency(edges, rules)
    for _ in range(HISTORY):
        before = Interval(0, SECONDS, {USERS: Pair(Counters(0, 0, 0, {}), _counted(random, HEALTHY, 1000))})
        latency.remember(before.slower, SECONDS)
    for place in range(int(ROLLOUT_SECONDS / SECONDS)):
        canary = int(random.binomial(1000, 0.1))
        pair = Pair(_counted(random, slowness, canary), _counted(random, HEALTHY, 1000 - canary))
        latency.take(place * SECONDS, Interval(0, SECONDS, {USERS: pair}).slower, SECONDS)
        if latency.log_rollback >= rules.log_limit:
            return (place + 1) * SECONDS
    return None


def _counted(random: np.random.Generator, slowness: Slowness, requests: int) -> Counters:
    took = random.lognormal(np.log(MEDIAN_MS * slowness.times), SPREAD, requests)
    took += slowness.tail_ms * (random.random(requests) < slowness.tail_share)
    counts = np.searchsorted(np.sort(took), EDGES_MS, side="right")
    assert all(low <= high for low, high in pairwise(counts))
    buckets = {float(edge): int(count) for edge, count in zip(EDGES_MS, counts, strict=True)}
    return Counters(requests, 0, 0, {**buckets, float("inf"): requests})
