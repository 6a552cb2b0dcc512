"""Models of the rules that others use, from their documentation.

They are faithful to how each rule decides, not to its machinery: all see the same counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.stats import binom, mannwhitneyu

from bench.judge.worlds import SECONDS

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms

MINUTE = int(60 / SECONDS)


class Threshold:
    """Success rate below 99 % in five checks, one a minute, rolls back.

    Flagger's defaults in docs/gitbook/usage/how-it-works.md: interval 1m, threshold 5, request-success-rate
    99; with a limit on the error rate, Argo Rollouts' `failureLimit` does the same
    (docs/features/analysis.md).
    """

    name = "fixed threshold"
    RATE, CHECKS = 0.01, 5

    def __init__(self) -> None:
        self._requests = self._hits = self._intervals = self._failed = 0

    def remember(self, arms: Arms) -> None:
        """It has no memory."""

    def rolls_back(self, arms: Arms) -> bool:
        """Whether it rolls back after this interval."""
        self._requests += arms.canary
        self._hits += arms.canary_hits
        self._intervals += 1
        if self._intervals % MINUTE:
            return False
        failed = self._requests > 0 and self._hits / self._requests > self.RATE
        self._failed += failed
        self._requests = self._hits = 0
        return self._failed >= self.CHECKS


class Kayenta:
    """At the end of the half hour: Mann-Whitney on the rates of the minutes, 98 % confidence, effect of 1.25.

    NetflixACAJudge.scala and MannWhitneyClassifier.scala: tolerance 0.25, confidence level 0.98.
    """

    name = "Kayenta-style"
    MINUTES, LEVEL, EFFECT = 30, 0.01, 1.25

    def __init__(self) -> None:
        self._canary: list[float] = []
        self._baseline: list[float] = []
        self._now = [0, 0, 0, 0]
        self._intervals = 0

    def remember(self, arms: Arms) -> None:
        """It compares the half hour only."""

    def rolls_back(self, arms: Arms) -> bool:
        """Whether it rolls back after this interval."""
        counts = (arms.canary, arms.canary_hits, arms.baseline, arms.baseline_hits)
        self._now = [sum(pair) for pair in zip(self._now, counts, strict=True)]
        self._intervals += 1
        if self._intervals % MINUTE:
            return False
        canary, canary_hits, baseline, baseline_hits = self._now
        self._now = [0, 0, 0, 0]
        self._canary.append(canary_hits / max(canary, 1))
        self._baseline.append(baseline_hits / max(baseline, 1))
        return len(self._canary) == self.MINUTES and self._is_worse()

    def _is_worse(self) -> bool:
        mine, other = sum(self._canary), sum(self._baseline)
        if mine <= self.EFFECT * other:
            return False
        return bool(mannwhitneyu(self._canary, self._baseline, alternative="greater").pvalue < self.LEVEL)


class Repeated:
    """An exact test at 0.05, looked at every minute on everything counted so far."""

    name = "repeated test"
    LEVEL = 0.05

    def __init__(self) -> None:
        self._now = [0, 0, 0, 0]
        self._intervals = 0

    def remember(self, arms: Arms) -> None:
        """It compares the rollout only."""

    def rolls_back(self, arms: Arms) -> bool:
        """Whether it rolls back after this interval."""
        counts = (arms.canary, arms.canary_hits, arms.baseline, arms.baseline_hits)
        self._now = [sum(pair) for pair in zip(self._now, counts, strict=True)]
        self._intervals += 1
        canary, canary_hits, baseline, baseline_hits = self._now
        hits = canary_hits + baseline_hits
        if self._intervals % MINUTE or not hits:
            return False
        # Given all errors, the canary's are binomial with its share of the requests, if both are alike.
        return bool(binom.sf(canary_hits - 1, hits, canary / (canary + baseline)) < self.LEVEL)
