"""The guard of the service level objective: is the rate above a fixed one? It needs no baseline.

Null hypothesis `p <= objective`; alternatives with `odds = rho * odds(objective)`. It finds the outage that
hits both versions alike, where a comparison of the two is silent. If it fires for the canary and the
baseline breaches too, rolling back would not help: pause, and open an incident.
"""

from __future__ import annotations

import math

from headgate.domain.judge.wagers import Wagers

ODDS_RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
ALPHA = 0.005


class ObjectiveTest:
    """Takes requests and hits of one version.

    `objective` is in hits per request, above 0 and below 1, else ValueError; `phi` is 1 or more.
    """

    __slots__ = ("_alternatives", "_phi", "_wagers", "log_limit", "objective")

    def __init__(self, objective: float, *, alpha: float = ALPHA, phi: float = 1.0) -> None:
        if not 0 < objective < 1:
            message = f"an objective is a rate above 0 and below 1, not {objective}"
            raise ValueError(message)
        odds = objective / (1 - objective)
        self._phi = phi
        self.objective = objective
        self._alternatives = [ratio * odds / (1 + ratio * odds) for ratio in ODDS_RATIOS]
        self._wagers = Wagers(len(self._alternatives))
        self.log_limit = -math.log(alpha)

    def take(self, at_seconds: float, requests: int, hits: int) -> None:
        """Test one interval, `at_seconds` after the test began."""
        gains = [self._gain(requests, hits, rate) / self._phi for rate in self._alternatives]
        self._wagers.take(at_seconds, gains)

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence that the objective is missed."""
        return self._wagers.log_evidence

    @property
    def fires(self) -> bool:
        """Whether the evidence is enough."""
        return self.log_evidence >= self.log_limit

    def _gain(self, requests: int, hits: int, rate: float) -> float:
        missed = requests - hits
        gain = missed * (math.log1p(-rate) - math.log1p(-self.objective))
        return gain + hits * math.log(rate / self.objective)
