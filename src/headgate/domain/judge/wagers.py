"""Evidence as the gain of bets on several alternatives, begun anew every minute for an hour.

With `M_k` what the bet on alternative k holds now and `w` the stake set in at the start of a minute,

    M_k <- (M_k + w/K) * exp(L_k)        evidence E = sum(M_k) + 1 - sum(w)

Half of everything is staked at once, the other half in equal parts over the next 59 minutes: so a regression
that begins late is found as fast as one from the start. While every factor `exp(L_k)` has expectation at
most 1 under the null, the chance that E ever reaches 1/alpha under it is at most alpha (Ville's inequality).

Source: Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform Chernoff bounds via nonnegative supermartingales";
restarts as in Shin, Ramdas, Rinaldo, "E-detectors", arXiv 2203.03532.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headgate.domain.judge.logarithms import ZERO, log_of, log_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_STAKE = 0.5
RESTARTS = 59
RESTART_SECONDS = 60.0
LATER_STAKE = (1 - FIRST_STAKE) / RESTARTS


class Wagers:
    """Bets on a fixed number of alternatives."""

    __slots__ = ("_logs", "_minute", "_staked")

    def __init__(self, alternatives: int) -> None:
        self._logs = [ZERO] * alternatives
        self._staked = 0.0
        self._minute = -1

    def take(self, at_seconds: float, log_factors: Sequence[float]) -> None:
        """Multiply each bet by its factor of one interval, `at_seconds` after the test began."""
        stake = self._stake(at_seconds)
        self._staked += stake
        added = log_of(stake / len(self._logs))
        self._logs = [
            log_sum((held, added)) + factor for held, factor in zip(self._logs, log_factors, strict=True)
        ]

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of E; 0 before anything was seen."""
        return log_sum([*self._logs, log_of(1 - self._staked)])

    def _stake(self, at_seconds: float) -> float:
        """What is staked now: once a minute, and nothing after the last restart."""
        minute = math.floor(at_seconds / RESTART_SECONDS)
        if minute <= self._minute:
            return 0.0
        first, self._minute = self._minute < 0, minute
        if first:
            return FIRST_STAKE
        return LATER_STAKE if minute <= RESTARTS else 0.0
