"""Running one rule in one world many times, on all cores."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bench.judge.worlds import SECONDS, World

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms

ROLLOUT_SECONDS = 1800.0
CHUNK = 25


class Rule(Protocol):
    """A rule that may roll back after each interval."""

    name: str

    def remember(self, arms: Arms) -> None:
        """An interval before the canary."""

    def rolls_back(self, arms: Arms) -> bool:
        """Whether it rolls back after this interval."""


@dataclass(frozen=True)
class Runs:
    """How many runs there were, and after how many seconds those ended that were rolled back."""

    count: int
    seconds: tuple[float, ...]

    @property
    def share(self) -> float:
        return len(self.seconds) / self.count

    @property
    def median_and_p95(self) -> tuple[float, float]:
        """Seconds until the rollback, of those that were rolled back."""
        if len(self.seconds) < 2:
            return (self.seconds or (float("nan"),))[0], (self.seconds or (float("nan"),))[0]
        cuts = quantiles(self.seconds, n=20, method="inclusive")
        return cuts[9], cuts[18]


def simulate(rule: type[Rule], world: World, runs: int, seed: int, pool: ProcessPoolExecutor) -> Runs:
    """The same seed gives the same runs, however many cores there are."""
    chunks = [(seed, start, min(CHUNK, runs - start)) for start in range(0, runs, CHUNK)]
    ended = [end for some in pool.map(partial(_some, rule, world), chunks) for end in some]
    return Runs(runs, tuple(end for end in ended if end is not None))


def cores() -> ProcessPoolExecutor:
    """As many processes as there are cores."""
    return ProcessPoolExecutor(os.cpu_count())


def _some(rule: type[Rule], world: World, chunk: tuple[int, int, int]) -> list[float | None]:
    seed, start, count = chunk
    return [_one(rule(), world, np.random.default_rng((seed, start + place))) for place in range(count)]


def _one(rule: Rule, world: World, random: np.random.Generator) -> float | None:
    for arms in world.history(random):
        rule.remember(arms)
    for place, arms in enumerate(world.intervals(random, ROLLOUT_SECONDS)):
        if rule.rolls_back(arms):
            return (place + 1) * SECONDS
    return None
