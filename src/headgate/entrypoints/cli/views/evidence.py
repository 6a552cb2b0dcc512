"""Evidence as text: bars on a log scale that end at the line where it acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.judge.compared import ERRORS, LATENCY
from headgate.domain.judge.evidence import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headgate.domain.judge.evidence import Evidence

FULL, EMPTY, LINE = "━", "─", "┃"
ALWAYS = (ERRORS, LATENCY)
OTHERS_MAX = 2
"""How many other metrics of a side are drawn; a side has more only where a user defined some."""
LABELS = {Side.ROLLBACK: "against", Side.PROMOTE: "for"}


def bar(way: float, width: int) -> tuple[str, str]:
    """What is reached and what is left of a bar of `width` characters, the line it acts at among them."""
    room = max(width - 1, 1)
    # Full only when it is enough: a bar that looks full and does nothing would be a riddle.
    reached = room if way >= 1 else min(int(way * room), room - 1)
    return FULL * reached, EMPTY * (room - reached) + LINE


def odds(one: Evidence) -> str:
    """`1 : 24 of 1 : 100`, or that it is enough."""
    return f"{one.odds}, enough" if one.is_enough else f"{one.odds} of {one.limit_odds}"


def named(one: Evidence | None) -> str:
    """`errors 1 : 24`, `-` where there is nothing."""
    return f"{one.metric} {one.odds}" if one and one.log_value > 0 else "-"


def shown(evidence: Iterable[Evidence], side: Side) -> tuple[Sequence[Evidence], int]:
    """Those of a side that are drawn, and how many there are besides.

    Errors and latency always, so that nothing jumps; others where there is something to see. Against a
    version it is the strongest that counts; for it, the weakest.
    """
    found = [one for one in evidence if one.side is side]
    kept = [one for one in found if one.metric in ALWAYS]
    others = [one for one in found if one not in kept and (side is Side.PROMOTE or one.way > 0)]
    others.sort(key=lambda one: one.way, reverse=side is Side.ROLLBACK)
    return (*kept, *others[:OTHERS_MAX]), len(others[OTHERS_MAX:])
