"""The few elements of SVG that the picture is made of, as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]


def number(value: float) -> str:
    """A coordinate, as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")


def line(start: Point, end: Point, look: str) -> str:
    """A straight line."""
    x1, y1, x2, y2 = (number(value) for value in (*start, *end))
    return f'<line class="{look}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def path(points: Sequence[Point], look: str) -> str:
    """A line through points; '' of fewer than two."""
    return f'<path class="{look}" d="{_through(points)}"/>' if len(points) > 1 else ""


def area(upper: Sequence[Point], lower: Sequence[Point], look: str) -> str:
    """What lies between two lines of the same places; '' of fewer than two."""
    if len(upper) < 2:
        return ""
    return f'<path class="{look}" d="{_through([*upper, *reversed(lower)])}Z"/>'


def rectangle(left: float, top: float, width: float, height: float, look: str) -> str:
    """An upright rectangle."""
    x, y, w, h = (number(value) for value in (left, top, width, height))
    return f'<rect class="{look}" x="{x}" y="{y}" width="{w}" height="{h}"/>'


def text(at: Point, said: str, look: str = "", anchor: str = "start") -> str:
    """A line of text; `anchor` says which part of it is at the place."""
    classes = f' class="{look}"' if look else ""
    where = f'x="{number(at[0])}" y="{number(at[1])}" text-anchor="{anchor}"'
    return f"<text{classes} {where}>{escape(said)}</text>"


def _through(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
