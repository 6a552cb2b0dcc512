"""Figures of the judge as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms


class Totals:
    """Sums of the arms of one metric since a test began."""

    __slots__ = ("baseline", "baseline_hits", "canary", "canary_hits")

    def __init__(self) -> None:
        self.canary = self.canary_hits = self.baseline = self.baseline_hits = 0

    def take(self, arms: Arms) -> None:
        """Add an interval."""
        self.canary += arms.canary
        self.canary_hits += arms.canary_hits
        self.baseline += arms.baseline
        self.baseline_hits += arms.baseline_hits

    def told(self, what: str) -> str:
        """As in `errors 2.1 % against 0.4 %`."""
        mine = percent(self.canary_hits, self.canary)
        return f"{what} {mine} against {percent(self.baseline_hits, self.baseline)}"

    def told_alone(self, what: str, limit: float) -> str:
        """As in `errors 2.1 %, the limit is 1 %`; the limit in hits per request."""
        return f"{what} {percent(self.canary_hits, self.canary)}, the limit is {limit * 100:.2g} %"


def percent(hits: int, requests: int) -> str:
    """A rate in percent, short; a rate of nothing is not zero."""
    if not requests:
        return "nothing"
    rate = 100 * hits / requests
    return f"{rate:.0f} %" if rate >= 10 else f"{rate:.2g} %" if rate >= 1 else f"{rate:.2f} %"
