"""The judge's rollback test, as the product runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.judge.worlds import SECONDS
from headgate.domain.judge.counts import Pasts
from headgate.domain.judge.dispersion import Dispersion
from headgate.domain.judge.interval import USERS
from headgate.domain.judge.rollback import RollbackTest

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms


class Ours:
    """Looks every 10 s; phi is estimated from the baseline's own minutes."""

    name = "this judge"

    def __init__(self) -> None:
        self._test = RollbackTest()
        self._pasts = Pasts()
        self._dispersion = Dispersion()
        self._at = 0.0

    def remember(self, arms: Arms) -> None:
        """An interval before the canary."""
        self._pasts.take({USERS: arms}, SECONDS)
        self._dispersion.take(arms.baseline, arms.baseline_hits, SECONDS)

    def rolls_back(self, arms: Arms) -> bool:
        """Whether it rolls back after this interval."""
        self._test.take(self._at, {USERS: arms}, self._pasts, phi=self._dispersion.phi)
        self._at += SECONDS
        self.remember(arms)
        return self._test.fires
