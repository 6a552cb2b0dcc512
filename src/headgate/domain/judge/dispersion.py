"""`phi`: how much more the baseline's errors vary from minute to minute than independent errors would.

A client that tries again three times makes one failure four errors, and four times the evidence. Pearson's
chi-squared over its degrees of freedom, from the baseline's own minutes, says how many times; the evidence is
divided by it. Where chi-squared is no larger than independent errors make it in 99 % of cases, phi is 1.
Where it is larger, the upper end of phi's 99 % confidence interval is used: too small a phi is what brings
false rollbacks.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

MINUTES = 30
CELLS_MIN = 12
WITHOUT_HISTORY = 3.0
EXPECTED_MIN = 1.0
"""Minutes in which fewer errors than that are to be expected are put together: chi-squared needs some."""
NORMAL_99 = 2.3263


class Minute(NamedTuple):
    """A cell of time, of a minute or more."""

    requests: int
    hits: int


class Dispersion:
    """The baseline's minutes, the last thirty, and the phi that they show."""

    __slots__ = ("_hits", "_minutes", "_phi", "_requests", "_seconds")

    def __init__(self) -> None:
        self._minutes: deque[Minute] = deque(maxlen=MINUTES)
        self._requests = 0
        self._hits = 0
        self._seconds = 0.0
        self._phi = WITHOUT_HISTORY

    def take(self, requests: int, hits: int, seconds: float) -> None:
        """Count an interval of the baseline of that many seconds."""
        self._requests += requests
        self._hits += hits
        self._seconds += seconds
        if self._seconds >= 60:
            self._minutes.append(Minute(self._requests, self._hits))
            self._requests, self._hits, self._seconds = 0, 0, 0.0
            self._phi = phi_of(_pooled(list(self._minutes)))

    @property
    def phi(self) -> float:
        """1 or more; 3 while there are too few minutes with errors to say."""
        return self._phi


def phi_of(cells: list[Minute]) -> float:
    """What the cells show; `WITHOUT_HISTORY` or more where they are too few to show that it is less."""
    if len(cells) < 2:
        return WITHOUT_HISTORY
    freedom, found = len(cells) - 1, _chi_squared(cells)
    if found > _quantile(freedom, NORMAL_99):
        return max(found / _quantile(freedom, -NORMAL_99), 1.0)
    return 1.0 if len(cells) >= CELLS_MIN else WITHOUT_HISTORY


def _pooled(minutes: list[Minute]) -> list[Minute]:
    """Cells of one or more minutes in each of which some hits are to be expected."""
    requests, hits = sum(one.requests for one in minutes), sum(one.hits for one in minutes)
    if not requests or not hits:
        return []
    cells: list[Minute] = []
    here = Minute(0, 0)
    for minute in minutes:
        here = Minute(here.requests + minute.requests, here.hits + minute.hits)
        if here.requests * hits / requests >= EXPECTED_MIN:
            cells.append(here)
            here = Minute(0, 0)
    return cells


def _chi_squared(cells: list[Minute]) -> float:
    """Pearson's, for one common rate."""
    rate = sum(cell.hits for cell in cells) / sum(cell.requests for cell in cells)
    if not 0 < rate < 1:
        return 0.0
    return sum(
        (cell.hits - cell.requests * rate) ** 2 / (cell.requests * rate * (1 - rate)) for cell in cells
    )


def _quantile(freedom: int, normal: float) -> float:
    """The quantile of chi-squared at a standard normal's, by Wilson and Hilferty's approximation."""
    part = 2 / (9 * freedom)
    return float(freedom * max(1 - part + normal * math.sqrt(part), 0.1) ** 3)
