"""Printing measurements."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Pairs:
    """Two things measured in turn, A B A B ...; seconds."""

    ours: str
    theirs: str
    seconds: tuple[tuple[float, float], ...]

    @property
    def ratio(self) -> float:
        """How many times as long theirs takes: the median of the pairs' ratios."""
        return median(theirs / ours for ours, theirs in self.seconds)

    def __str__(self) -> str:
        rows = (
            (self.ours, [ours for ours, _ in self.seconds]),
            (self.theirs, [theirs for _, theirs in self.seconds]),
        )
        width = max(len(name) for name, _ in rows)
        return "\n".join(
            f"  {name:{width}}  median {median(each):6.2f} s   ({min(each):.2f} to {max(each):.2f} s)"
            for name, each in rows
        )
