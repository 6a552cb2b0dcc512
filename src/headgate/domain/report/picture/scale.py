"""From values to places in the picture, and the round values at which an axis has its marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

POINTS_MAX, POINTS_MIN = 160, 12
"""How many points a line has in the whole picture, and in a stage at least."""
TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Steps of the time axis in seconds; beyond them, days."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle of the picture: pixels from the top left, and the values at its edges."""

    left: float
    right: float
    top: float
    bottom: float
    x_max: float
    y_min: float
    y_max: float

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return self.left + (self.right - self.left) * _within(value / self.x_max)

    def y(self, value: float) -> float:
        """Pixels from the top; what is beyond an edge is drawn at it."""
        share = _within((value - self.y_min) / (self.y_max - self.y_min))
        return self.bottom - (self.bottom - self.top) * share


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def time_marks(seconds: float, marks_max: int = 8) -> list[float]:
    """Round times from 0 to at most `seconds`."""
    step: float = next((step for step in TIMES if seconds / step <= marks_max), TIMES[-1])
    while seconds / step > marks_max:
        step *= 2
    return [step * number for number in range(int(seconds / step) + 1)]


def round_marks(top: float, marks_max: int = 5) -> list[float]:
    """Round values above 0 up to `top`: multiples of 1, 2 or 5 times a power of ten."""
    step = 1e-6
    for factor in (2.0, 2.5, 2.0) * 12:
        if top / step <= marks_max:
            break
        step *= factor
    return [step * number for number in range(1, int(top / step + 1e-9) + 1)]


def time_words(seconds: float) -> str:
    """`30 s`, `2 min`, `1.5 h`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def thinned(items: Sequence[T], *, out_of: int) -> Sequence[T]:
    """Some of the items, evenly taken, with the first and the last; all of a small picture's.

    They are a part of `out_of` places, of which about POINTS_MAX are drawn.
    """
    most = max(POINTS_MAX * len(items) // max(out_of, 1), POINTS_MIN)
    if len(items) <= most:
        return items
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]
