"""The promote test: is it shown that the canary is not much worse than the baseline?

Null hypothesis `pc >= 1.5 * pb + d`: that it *is* much worse. Promote when the evidence against that is 20 or
more, for every metric; silence proves nothing, so without data nothing is promoted. The chance of promoting
a canary that is worse than the margin is at most 1/20 a step.

Bets are on `pc = c * tb` for c in 0.5, 1, 1.2, with `tb` the baseline's past rate. There are no restarts and
no cap: this evidence has time. Each step of a rollout begins a test of its own, with a smaller margin `d`
where more is at stake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.judge.counts import RATE_MAX
from headgate.domain.judge.likelihood import Rates, border_with_offset, log_ratio
from headgate.domain.judge.logarithms import log_mean

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms, Pasts, Strata

AS_GOOD = (0.5, 1.0, 1.2)
MARGINS = ((25.0, 0.008), (50.0, 0.004), (100.0, 0.002))
"""Next share of the canary in percent, and the margin in hits per request that goes with it."""


@dataclass(frozen=True, slots=True)
class PromoteRules:
    """`ratio` and `margin` (hits per request) are tolerated; `enough` is the evidence that promotes."""

    margin: float
    ratio: float = 1.5
    enough: float = 20.0

    @property
    def log_limit(self) -> float:
        """Natural logarithm of `enough`."""
        return math.log(self.enough)


def margin_before(next_share_percent: float) -> float:
    """The margin, in hits per request, that is tolerated before the canary gets so much of the traffic."""
    return next(margin for share, margin in MARGINS if next_share_percent <= share)


class PromoteTest:
    """Takes intervals, tells the evidence for a promotion."""

    __slots__ = ("_logs", "_rules")

    def __init__(self, rules: PromoteRules) -> None:
        self._rules = rules
        self._logs = [0.0] * len(AS_GOOD)

    def take(self, strata: Strata, pasts: Pasts, *, phi: float = 1.0) -> None:
        """Test an interval; `phi` is 1 or more. `pasts` does not know the interval yet."""
        for stratum, arms in strata.items():
            rate = pasts.rate(stratum)
            for place, share in enumerate(AS_GOOD):
                good = min(share * rate, RATE_MAX)
                self._logs[place] += self._gain(arms, Rates(good, rate)) / phi

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence; 0 is none, `log_limit` is enough."""
        return log_mean(self._logs)

    @property
    def passes(self) -> bool:
        """Whether the evidence is enough to promote."""
        return self.log_evidence >= self._rules.log_limit

    def _gain(self, arms: Arms, alternative: Rates) -> float:
        """The logarithm of the likelihood over the null's; nothing where the alternative lies in the null."""
        rules = self._rules
        if not arms.canary or not arms.baseline:
            return 0.0
        if alternative.canary >= rules.ratio * alternative.baseline + rules.margin:
            return 0.0
        null = border_with_offset(arms, alternative, rules.ratio, rules.margin)
        return log_ratio(arms, alternative, null)
