"""The rollback test: is the canary worse than the baseline, by more than a tolerated ratio?

Null hypothesis `pc <= r0 * pb` for the rates of hits of canary and baseline, whatever they are and however
they drift. Roll back when the evidence against it reaches 1/alpha. It may be looked at after every interval:
the chance of ever rolling a healthy canary back is at most alpha, if requests are independent and go to
the versions at random. `phi` pays for errors that come in clusters (see `dispersion`).

Alternatives have `odds(tk) = rho * odds(r0 * tb)`, with `tb` the baseline's past rate, besides some fixed
rates; one that is not clearly in the alternative bets nothing. The gain of one interval is capped so that it
takes two at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.judge.likelihood import Rates, border, log_ratio
from headgate.domain.judge.wagers import Wagers

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms, Pasts, Strata

CLEARLY = 1.02
CAP = 0.75
"""One interval gains at most this share of what it takes to roll back."""


@dataclass(frozen=True, slots=True)
class RollbackRules:
    """`ratio` is r0, tolerated; `alpha` the chance of a false rollback.

    `odds_ratios` and `rates` are the alternatives. Nothing is bet while the tolerated rate is `tolerated_max`
    or more.
    """

    ratio: float = 1.1
    alpha: float = 0.01
    odds_ratios: tuple[float, ...] = (1.5, 2, 3, 5, 10, 30)
    rates: tuple[float, ...] = (0.25, 0.6, 0.95)
    tolerated_max: float = 1.0

    @property
    def alternatives(self) -> int:
        """How many rates are bet on."""
        return len(self.odds_ratios) + len(self.rates)

    @property
    def log_limit(self) -> float:
        """Natural logarithm of 1/alpha."""
        return -math.log(self.alpha)


ERRORS = RollbackRules()
LATENCY = RollbackRules(alpha=0.005, odds_ratios=(1.25, 1.5, 2, 3, 6, 20), rates=(), tolerated_max=0.75)


class RollbackTest:
    """Takes intervals, tells the evidence for a rollback."""

    __slots__ = ("_rules", "_wagers")

    def __init__(self, rules: RollbackRules = ERRORS) -> None:
        self._rules = rules
        self._wagers = Wagers(rules.alternatives)

    def take(self, at_seconds: float, strata: Strata, pasts: Pasts, *, phi: float = 1.0) -> None:
        """Test an interval that began `at_seconds` after the test; `phi` is 1 or more.

        `pasts` does not know the interval yet.
        """
        gains = [0.0] * self._rules.alternatives
        for stratum, arms in strata.items():
            for place, gain in enumerate(self._gains(arms, pasts.rate(stratum))):
                gains[place] += gain
        cap = CAP * self._rules.log_limit
        self._wagers.take(at_seconds, [min(gain / phi, cap) for gain in gains])

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence; 0 is none, `log_limit` is enough."""
        return self._wagers.log_evidence

    @property
    def fires(self) -> bool:
        """Whether the evidence is enough to roll back."""
        return self.log_evidence >= self._rules.log_limit

    def _gains(self, arms: Arms, rate: float) -> list[float]:
        """For each alternative, the logarithm of its likelihood over the null's."""
        tolerated = self._rules.ratio * rate
        if tolerated >= self._rules.tolerated_max or not arms.canary or not arms.baseline:
            return [0.0] * self._rules.alternatives
        odds = tolerated / (1 - tolerated)
        worse = [ratio * odds / (1 + ratio * odds) for ratio in self._rules.odds_ratios]
        return [
            self._gain(arms, Rates(wrong, rate)) if wrong > CLEARLY * tolerated else 0.0
            for wrong in (*worse, *self._rules.rates)
        ]

    def _gain(self, arms: Arms, alternative: Rates) -> float:
        return log_ratio(arms, alternative, border(arms, alternative, self._rules.ratio))
