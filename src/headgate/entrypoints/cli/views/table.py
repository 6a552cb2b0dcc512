"""Columns that line up, as wide as what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = "  "


def table(rows: Sequence[Sequence[str]], *, width: int) -> list[str]:
    """Rows of plain text as lines; the last column is cut where it would go beyond `width`."""
    if not rows:
        return []
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [
        GAP.join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1])) for row in rows
    ]
    return [cut(line.rstrip(), width) for line in lines]


def cut(text: str, width: int) -> str:
    """The text, shortened with `…` where it is too long."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"
