"""The judge of a canary: both versions have traffic at the same time, and are compared with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.judge.dispersion import Dispersion
from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.judge.first_minute import EverythingFails
from headgate.domain.judge.interval import USERS
from headgate.domain.judge.latency import NOT_MUCH_SLOWER, Latency
from headgate.domain.judge.metric import Metric
from headgate.domain.judge.objective import ObjectiveTest
from headgate.domain.judge.promote import PromoteRules, margin_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headgate.domain.judge.counts import Arms, Strata
    from headgate.domain.judge.interval import Interval
    from headgate.domain.judge.rules import JudgeRules

ERRORS, LATENCY, OBJECTIVE, EVERYTHING = "errors", "latency", "objective", "everything fails"


class ComparedJudge:
    """Takes intervals, tells the evidence for and against."""

    def __init__(self, rules: JudgeRules, edges: Sequence[float]) -> None:
        """`edges` (ms) are those at which latency is compared; none where the source has no histograms."""
        self._rules = rules
        self._margin = PromoteRules(margin_before(100.0))
        self._errors = Metric(rules.errors, self._margin)
        self._latency = Latency(edges, rules.latency)
        self._custom = {
            name: Metric(rules.custom_rules, rules.custom_promotion(name)) for name in rules.custom
        }
        self._dispersion = Dispersion()
        self._everything = EverythingFails()
        self._objectives: tuple[ObjectiveTest, ObjectiveTest] | None = None

    def remember(self, interval: Interval) -> None:
        """Learn from an interval before the canary had traffic."""
        self._errors.remember(interval.errors, interval.seconds)
        self._latency.remember(interval.slower, interval.seconds)
        for name, metric in self._custom.items():
            metric.remember(_named(interval.custom, name), interval.seconds)
        self._disperse(interval)

    def begin_stage(self, next_share_percent: float) -> None:
        """A stage begins, after which the canary would get so much of the traffic."""
        self._margin = PromoteRules(margin_before(next_share_percent))
        self._errors.begin_stage(self._margin)
        for name, metric in self._custom.items():
            metric.begin_stage(self._rules.custom_promotion(name))
        self._latency.begin_stage()

    def take(self, interval: Interval) -> None:
        """Test an interval. In the first minute only a total failure counts against the canary."""
        self._objectives = self._objectives or self._settled()
        if interval.at_seconds < self._rules.grace_seconds:
            self._take_first(interval)
        else:
            self._take_later(interval)
        self._disperse(interval)

    def _take_first(self, interval: Interval) -> None:
        """Errors count for a promotion: cold starts can only make that harder."""
        for arms in interval.errors.values():
            # Where the baseline fails too, the canary's failures say nothing of the canary.
            if 2 * arms.baseline_hits <= arms.baseline:
                self._everything.take(arms.canary, arms.canary_hits)
        self._errors.prove(interval.errors, interval.seconds, phi=self._dispersion.phi)
        self._latency.remember(interval.slower, interval.seconds)
        for name, metric in self._custom.items():
            metric.remember(_named(interval.custom, name), interval.seconds)

    def _take_later(self, interval: Interval) -> None:
        phi, at = self._dispersion.phi, interval.at_seconds - self._rules.grace_seconds
        self._guard(at, interval.errors)
        self._errors.take(at, interval.errors, interval.seconds, phi=phi)
        self._latency.take(at, interval.slower, interval.seconds)
        for name, metric in self._custom.items():
            metric.take(at, _named(interval.custom, name), interval.seconds)

    @property
    def breached_by_both(self) -> bool:
        """Whether both versions miss the objective: going back would not help."""
        return self._objectives is not None and all(test.fires for test in self._objectives)

    def evidence(self) -> tuple[Evidence, ...]:
        """All of it, as it stands."""
        return (*self._against(), *self._in_favour())

    def _settled(self) -> tuple[ObjectiveTest, ObjectiveTest]:
        """The objective and its phi, as they are before the canary has traffic.

        An outage makes the baseline vary, which raises phi; the guard must not be silenced by what it is for.
        """
        objective = self._rules.objective_over(self._errors.past_rate(USERS))
        phi = self._dispersion.phi
        return ObjectiveTest(objective, phi=phi), ObjectiveTest(objective, phi=phi)

    def _guard(self, at_seconds: float, errors: Strata) -> None:
        """Test both versions against the objective."""
        for place, test in enumerate(self._objectives or ()):
            for arms in errors.values():
                both = ((arms.canary, arms.canary_hits), (arms.baseline, arms.baseline_hits))
                test.take(at_seconds, *both[place])

    def _against(self) -> Iterator[Evidence]:
        errors, latency = self._errors, self._latency
        everything = self._everything
        yield Evidence(
            EVERYTHING, Side.ROLLBACK, everything.log_evidence, everything.log_limit, everything.seen
        )
        seen = errors.totals.told("errors")
        yield Evidence(
            ERRORS, Side.ROLLBACK, errors.rollback.log_evidence, self._rules.errors.log_limit, seen
        )
        if latency.is_measured:
            yield Evidence(
                LATENCY, Side.ROLLBACK, latency.log_rollback, self._rules.latency.log_limit, latency.seen
            )
        for name, metric in self._custom.items():
            log_limit, told = self._rules.custom_rules.log_limit, metric.totals.told(name)
            yield Evidence(name, Side.ROLLBACK, metric.rollback.log_evidence, log_limit, told)
        if self._objectives is not None:
            guard, _ = self._objectives
            limit = errors.totals.told_alone("errors", guard.objective)
            yield Evidence(OBJECTIVE, Side.ROLLBACK, guard.log_evidence, guard.log_limit, limit)

    def _in_favour(self) -> Iterator[Evidence]:
        limit = self._margin.log_limit
        yield Evidence(ERRORS, Side.PROMOTE, self._errors.promote.log_evidence, limit)
        if self._latency.is_measured:
            yield Evidence(LATENCY, Side.PROMOTE, self._latency.log_promote, NOT_MUCH_SLOWER.log_limit)
        for name, metric in self._custom.items():
            yield Evidence(name, Side.PROMOTE, metric.promote.log_evidence, limit)

    def _disperse(self, interval: Interval) -> None:
        users = interval.strata.get(USERS)
        if users is not None:
            self._dispersion.take(users.baseline.requests, users.baseline.errors, interval.seconds)


def _named(custom: Mapping[str, Arms], name: str) -> dict[str, Arms]:
    return {USERS: custom[name]} if name in custom else {}
