"""Simulated traffic: what a healthy or a broken canary and its baseline count in each interval of 10 s."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.judge.counts import Arms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.random import Generator

    RateAt = Callable[[float], float]

SECONDS = 10.0
HISTORY_SECONDS = 1800.0


def steady(_at: float) -> float:
    """Nothing changes."""
    return 1.0


@dataclass(frozen=True)
class World:
    """Requests per second, the canary's share, the baseline's error rate, and how it goes wrong.

    `worse` multiplies the canary's error rate, or is its rate where it is 1 or more after that. `factor` is
    what the hour does to both versions' rates. In `clusters` a failure is that many errors.
    """

    rps: float
    share: float
    rate: float
    worse: float = 1.0
    factor: RateAt = steady
    clusters: int = 1

    def history(self, random: Generator) -> Iterator[Arms]:
        """The half hour before, without a canary."""
        for place in range(int(HISTORY_SECONDS / SECONDS)):
            at = place * SECONDS - HISTORY_SECONDS
            requests = int(random.poisson(self.rps * SECONDS))
            yield Arms(0, 0, requests, self._hits(random, requests, self.rate * self.factor(at)))

    def intervals(self, random: Generator, seconds: float) -> Iterator[Arms]:
        """The rollout, interval by interval."""
        for place in range(int(seconds / SECONDS)):
            factor = self.factor(place * SECONDS)
            requests = int(random.poisson(self.rps * SECONDS))
            canary = int(random.binomial(requests, self.share))
            baseline = requests - canary
            yield Arms(
                canary,
                self._hits(random, canary, self.rate * factor * self.worse),
                baseline,
                self._hits(random, baseline, self.rate * factor),
            )

    def _hits(self, random: Generator, requests: int, rate: float) -> int:
        rate = min(rate, 1.0)
        if self.clusters == 1:
            return int(random.binomial(requests, rate))
        failures = int(random.poisson(requests * rate / self.clusters))
        return min(failures * self.clusters, requests)


def drift(at: float) -> float:
    """A day whose rate of errors goes up and down by half, seen through one hour of it."""
    return 1 + 0.5 * math.sin(2 * math.pi * (at + HISTORY_SECONDS) / 7200)


def bursts(at: float) -> float:
    """Ten times the errors for twenty seconds, every five minutes."""
    return 10.0 if at % 300 < 20 else 1.0


def outage(at: float) -> float:
    """A dependency of both versions is down for two minutes: thirty times the errors."""
    return 30.0 if 600 <= at < 720 else 1.0
