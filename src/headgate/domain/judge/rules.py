"""What a rollout is held to, in the judge's own terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.domain.judge.first_minute import SECONDS as FIRST_SECONDS
from headgate.domain.judge.promote import PromoteRules
from headgate.domain.judge.rollback import ERRORS, LATENCY, RollbackRules

if TYPE_CHECKING:
    from collections.abc import Mapping

OBJECTIVE_MIN, OBJECTIVE_RATIO, OBJECTIVE_MAX = 0.05, 3.0, 0.9
CUSTOM_ALPHA = 0.005
"""Shared by all metrics that a user defined."""
CUSTOM_MARGIN = 0.01
"""How many more hits per trial are tolerated before a promotion, where the user says nothing else."""


@dataclass(frozen=True, slots=True)
class JudgeRules:
    """Defaults of the judge; the chance of a false rollback is at most the sum of the alphas, 2 % a rollout.

    `objective` is the error rate that no version may exceed, in errors per request; None lets the judge take
    one from the baseline's past. `custom` names the metrics that a user defined, `custom_margins` has their
    margins in hits per trial. In the first `grace_seconds` of a version only a total failure counts. A
    version alone is held against a past whose latencies are stretched by `slower_ratio`, and at least by
    `slower_ms`.
    """

    errors: RollbackRules = ERRORS
    latency: RollbackRules = LATENCY
    objective: float | None = None
    custom: tuple[str, ...] = field(default=())
    custom_margins: Mapping[str, float] = field(default_factory=dict)
    grace_seconds: float = FIRST_SECONDS
    slower_ratio: float = 1.0
    slower_ms: float = 0.0

    @property
    def custom_rules(self) -> RollbackRules:
        """The rules of each custom metric; together they share one alpha."""
        return RollbackRules(alpha=CUSTOM_ALPHA / max(len(self.custom), 1))

    def custom_promotion(self, name: str) -> PromoteRules:
        """What a custom metric has to show.

        No ratio is tolerated: of a hit that is the rule and not the exception, half as many again is all.
        """
        return PromoteRules(self.custom_margins.get(name, CUSTOM_MARGIN), ratio=1.0)

    def objective_over(self, past_rate: float) -> float:
        """The objective in errors per request: the one set, else three times the past, at least 5 %."""
        if self.objective is not None:
            return self.objective
        return min(max(OBJECTIVE_MIN, OBJECTIVE_RATIO * past_rate), OBJECTIVE_MAX)
