"""What is kept of the invocations of one version in one second, or in one minute."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTCOMES = ("success", "scriptThrewException", "internalError")
"""In the platform's words. `internalError` is an invocation that the version's process broke off."""


@dataclass(frozen=True, slots=True)
class Row:
    """`at` is the begin of the interval, in seconds since 1970; `buckets` are those of the latencies."""

    at: int
    script: str
    version_id: str
    outcomes: Counter[str] = field(default_factory=Counter)
    buckets: Counter[int] = field(default_factory=Counter)
    sum_ms: float = 0.0
    cpu_us: int = 0

    @property
    def requests(self) -> int:
        return self.outcomes.total()

    @property
    def errors(self) -> int:
        """Invocations that failed. A Worker that answers 500 has not failed."""
        return self.requests - self.outcomes["success"]

    def __add__(self, other: Row) -> Row:
        return dataclasses.replace(
            self,
            outcomes=self.outcomes + other.outcomes,
            buckets=self.buckets + other.buckets,
            sum_ms=self.sum_ms + other.sum_ms,
            cpu_us=self.cpu_us + other.cpu_us,
        )


def coarser(rows: Iterable[Row], seconds: int) -> list[Row]:
    """The same in intervals of so many seconds."""
    sums: dict[tuple[int, str, str], Row] = {}
    for row in rows:
        at = row.at - row.at % seconds
        key = (at, row.script, row.version_id)
        sums[key] = sums[key] + row if key in sums else dataclasses.replace(row, at=at)
    return list(sums.values())
