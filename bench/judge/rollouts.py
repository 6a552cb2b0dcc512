"""Whole rollouts, from the first share to all of it: how long a healthy one takes, what a bad one costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from statistics import mean, median
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bench.judge.worlds import SECONDS, World
from headgate.domain.judge import Answer
from headgate.domain.judge.compared import ComparedJudge
from headgate.domain.judge.interval import USERS, Interval, Pair
from headgate.domain.judge.rules import JudgeRules
from headgate.domain.judge.verdict import Conditions, judge
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ProcessPoolExecutor

    from headgate.domain.judge.counts import Arms

STEPS = (5.0, 25.0, 50.0, 100.0)
SOAK_SECONDS = 120.0
LONGEST_SECONDS = 7200.0


class End(StrEnum):
    """How a rollout ended."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    UNDECIDED = "undecided"


class Strategy(Protocol):
    """Raises the canary's share, or rolls back."""

    share: float
    """Of the canary now, 0..1."""

    def remember(self, arms: Arms) -> None:
        """An interval before the canary."""

    def take(self, arms: Arms) -> End | None:
        """The end, if this interval brought it."""


class OurStrategy:
    """The product's judge with its default steps: errors only, as the others look at errors only."""

    name = "this judge"

    def __init__(self) -> None:
        self._judge = ComparedJudge(JudgeRules(), ())
        self._steps = list(STEPS)
        self._at = self._stage_began = 0.0
        self._requests = 0
        self.share = 0.0
        self._next()

    def remember(self, arms: Arms) -> None:
        """An interval before the canary."""
        self._judge.remember(_interval(-1.0, arms))

    def take(self, arms: Arms) -> End | None:
        """Looks every 10 s."""
        self._judge.take(_interval(self._at, arms))
        self._at += SECONDS
        self._requests += arms.canary
        soaked = self._at - self._stage_began
        said = judge(self._judge.evidence(), Conditions(soaked, SOAK_SECONDS, self._at, self._requests))
        if said.answer is Answer.ROLLBACK:
            return End.ROLLED_BACK
        if said.answer is Answer.PROMOTE:
            self._next()
            return End.PROMOTED if self.share == 1.0 else None
        return None

    def _next(self) -> None:
        self.share = self._steps.pop(0) / 100
        self._stage_began = self._at
        if self._steps:
            self._judge.begin_stage(self._steps[0])


class ThresholdStrategy:
    """A fixed limit on the canary's error rate, looked at once an interval.

    As Flagger's loop (a step of 10 % a minute up to 50 %, then all; five failed checks roll back:
    docs/gitbook/usage/how-it-works.md) and as Argo Rollouts with pauses of ten minutes and the documented
    `successCondition: result[0] >= 0.95`, `failureLimit: 3` (docs/features/analysis.md).
    """

    def __init__(
        self, shares: tuple[float, ...], check_seconds: float, checks_a_step: int, failed_max: int
    ) -> None:
        self._shares = list(shares)
        self._every, self._checks, self._failed_max = check_seconds, checks_a_step, failed_max
        self._since = 0.0
        self._done = self._failed = self._requests = self._hits = 0
        self.share = self._shares.pop(0)

    def remember(self, arms: Arms) -> None:
        """It has no memory."""

    def take(self, arms: Arms) -> End | None:
        """Looks once a check interval."""
        self._requests += arms.canary
        self._hits += arms.canary_hits
        self._since += SECONDS
        if self._since < self._every:
            return None
        self._failed += self._requests > 0 and self._hits / self._requests > 0.05
        self._since, self._requests, self._hits = 0.0, 0, 0
        self._done += 1
        if self._failed >= self._failed_max:
            return End.ROLLED_BACK
        if self._done % self._checks:
            return None
        if not self._shares:
            return End.PROMOTED
        self.share = self._shares.pop(0)
        return None


def flagger() -> Strategy:
    """Ten checks in all."""
    return ThresholdStrategy((0.1, 0.2, 0.3, 0.4, 0.5), 60, 2, 5)


def argo() -> Strategy:
    """Four steps of ten minutes, a check every five."""
    return ThresholdStrategy((0.05, 0.25, 0.5, 0.75), 300, 2, 4)


STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "Flagger-like": flagger,
    "Argo-like": argo,
    "this judge": OurStrategy,
}


@dataclass(frozen=True)
class Ended:
    """One rollout: how and when it ended, and how many errors more than the baseline's users met."""

    how: End
    seconds: float
    excess_errors: float


def roll_out(strategy: str, world: World, runs: int, seed: int, pool: ProcessPoolExecutor) -> list[Ended]:
    """The same seed gives the same rollouts."""
    return list(pool.map(partial(_one, strategy, world), ((seed, run) for run in range(runs)), chunksize=10))


def told(ended: list[Ended]) -> str:
    """As in `100 % promoted, 370 s, 0 errors more`."""
    how = max(End, key=lambda end: sum(one.how is end for one in ended))
    those = [one for one in ended if one.how is how]
    share, excess = len(those) / len(ended), mean(one.excess_errors for one in ended)
    return f"{share:.0%} {how}, {median(one.seconds for one in those):.0f} s, {excess:.0f} errors more"


def _one(strategy: str, world: World, seed: tuple[int, int]) -> Ended:
    random, carried = np.random.default_rng(seed), STRATEGIES[strategy]()
    for arms in world.history(random):
        carried.remember(arms)
    at = excess = 0.0
    while at < LONGEST_SECONDS:
        arms = next(_interval_of(world, carried.share, random))
        at += SECONDS
        excess += arms.canary_hits - arms.canary * world.rate
        if end := carried.take(arms):
            return Ended(end, at, excess)
    return Ended(End.UNDECIDED, at, excess)


def _interval_of(world: World, share: float, random: np.random.Generator) -> Iterator[Arms]:
    return World(world.rps, share, world.rate, world.worse).intervals(random, SECONDS)


def _interval(at: float, arms: Arms) -> Interval:
    canary = Counters(arms.canary, 0, arms.canary_hits, {})
    return Interval(at, SECONDS, {USERS: Pair(canary, Counters(arms.baseline, 0, arms.baseline_hits, {}))})
