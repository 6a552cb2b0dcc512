"""One metric under test: what it was before, and what speaks for a rollback and for a promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.judge.counts import Pasts
from headgate.domain.judge.promote import PromoteRules, PromoteTest
from headgate.domain.judge.rollback import RollbackRules, RollbackTest
from headgate.domain.judge.words import Totals

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Strata


class Metric:
    """Errors, requests slower than an edge, or what a user defined.

    The evidence for a rollback goes on over all stages of a rollout; that for a promotion begins anew with
    each stage, with the margin that goes with the next share.
    """

    __slots__ = ("_pasts", "promote", "rollback", "totals")

    def __init__(self, rollback: RollbackRules, promote: PromoteRules) -> None:
        self._pasts = Pasts()
        self.rollback = RollbackTest(rollback)
        self.promote = PromoteTest(promote)
        self.totals = Totals()

    def begin_stage(self, promote: PromoteRules) -> None:
        """Begin to prove anew that the canary is not much worse."""
        self.promote = PromoteTest(promote)

    def remember(self, strata: Strata, seconds: float) -> None:
        """Learn the baseline's rate from an interval that is not tested."""
        self._pasts.take(strata, seconds)

    def prove(self, strata: Strata, seconds: float, *, phi: float = 1.0) -> None:
        """Let an interval count for a promotion only; a bad canary has the benefit of the doubt."""
        self.promote.take(strata, self._pasts, phi=phi)
        self._pasts.take(strata, seconds)

    def take(self, at_seconds: float, strata: Strata, seconds: float, *, phi: float = 1.0) -> None:
        """Test an interval of that many seconds, begun `at_seconds` after the test; `phi` is 1 or more."""
        self.rollback.take(at_seconds, strata, self._pasts, phi=phi)
        self.promote.take(strata, self._pasts, phi=phi)
        for arms in strata.values():
            self.totals.take(arms)
        self._pasts.take(strata, seconds)

    def past_rate(self, stratum: str) -> float:
        """The baseline's hits per request up to now."""
        return self._pasts.rate(stratum)
