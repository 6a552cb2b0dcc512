"""What the tests say at one moment, for the decision, the picture and the words alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN_MAX = 1e6
"""Odds above that are not told more exactly: they say nothing more."""


class Side(StrEnum):
    """What evidence speaks for."""

    ROLLBACK = "rollback"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of one metric for one side, as natural logarithms: 0 is none, `log_limit` is enough.

    `seen` says the figures behind it, e.g. `errors 2.1 % against 0.4 %`.
    """

    metric: str
    side: Side
    log_value: float
    log_limit: float
    seen: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether it decides."""
        return self.log_value >= self.log_limit

    @property
    def odds(self) -> str:
        """As people read it: `1 : 240` against what the evidence speaks against."""
        value = math.exp(min(max(self.log_value, 0.0), math.log(SHOWN_MAX)))
        more = "more than " if self.log_value > math.log(SHOWN_MAX) else ""
        return f"{more}1 : {value:,.0f}" if value >= 10 else f"1 : {value:.1f}"

    @property
    def limit_odds(self) -> str:
        """What is enough, written like `odds`."""
        return Evidence(self.metric, self.side, self.log_limit, self.log_limit).odds

    @property
    def way(self) -> float:
        """How far it has come on a log scale: 0 is none, 1 is enough, and there may be more."""
        return max(self.log_value, 0.0) / self.log_limit

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Evidence:
        """Read what `as_json` wrote."""
        side = Side(value["side"])
        return cls(value["metric"], side, value["log_value"], value["log_limit"], value["seen"])

    def as_json(self) -> dict[str, Any]:
        """For the journal."""
        return {
            "metric": self.metric,
            "side": self.side.value,
            "log_value": round(self.log_value, 4),
            "log_limit": round(self.log_limit, 4),
            "seen": self.seen,
        }
