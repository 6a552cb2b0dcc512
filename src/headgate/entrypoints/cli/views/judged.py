"""`headgate judge`: looks as a table, and what is to be said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli.views.evidence import named
from headgate.entrypoints.cli.views.table import table
from headgate.entrypoints.cli.views.words import duration, noun, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.domain.looks.arm import Arm
    from headgate.domain.looks.explaining import Explained
    from headgate.domain.looks.look import Look
    from headgate.domain.looks.rehearsing import Rehearsed
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.views.ink import Ink

DIFFERENCES_MAX = 10
HEADER = ("TIME", "SHARE", "ANSWER", "{} ERRORS", "{} ERRORS", "AGAINST", "FOR")
EXPLAINED, REHEARSED = ("NEW", "OLD"), ("CANARY", "BASELINE")


def explanation(record: ChangeRecord, looks: Sequence[Explained], *, width: int, ink: Ink) -> list[str]:
    """The looks of a change, its verdict, and whether the judge comes to the same answers."""
    change = record.change
    lines = _table([one.look for one in looks], EXPLAINED, width, ink)
    said = record.verdict or looks[-1].look.why
    lines += ["", f"{noun(change).capitalize()} {change.id} of {change.target}: {said}"]
    overruled = [one for one in looks if one.overruled]
    if overruled:
        lines.append(
            f"{len(overruled)} of {len(looks)} answers were not the judge's: {overruled[-1].look.why}"
        )
    wrong = [(number, one) for number, one in enumerate(looks, start=1) if one.difference]
    if not wrong:
        same = f"The judge, given the same readings again, says the same in all {len(looks)} looks."
        return [*lines, ink.good(same)]
    lines.append(ink.bad(f"The judge, given the same readings again, differs in {len(wrong)} looks:"))
    told = [
        f"  look {number}, {_time(one.look)}: {one.difference}" for number, one in wrong[:DIFFERENCES_MAX]
    ]
    more = len(wrong) - len(told)
    return [*lines, *told, *([f"  and {more} more"] if more else [])]


def rehearsal(found: Rehearsed, *, width: int, ink: Ink) -> list[str]:
    """The looks at recorded traffic and the verdict."""
    last = found.looks[-1]
    lines = _table(found.looks, REHEARSED, width, ink)
    colour = {"rollback": ink.bad, "promote": ink.good}.get(last.answer, ink.warn)
    lines += ["", colour(f"{last.answer}: {last.why}")]
    if found.left:
        lines.append(f"{found.left} later intervals were not looked at: by then it was settled.")
    if not found.past_requests:
        lines.append("There is no row before the canary's traffic, so nothing was known of the time before.")
    if not found.timed:
        lines.append(
            "Latency was not judged: that needs columns baseline_le_MS in the rows before the canary."
        )
    return lines


def _table(looks: Sequence[Look], names: tuple[str, str], width: int, ink: Ink) -> list[str]:
    header = (*HEADER[:3], *(HEADER[3].format(name) for name in names), *HEADER[5:])
    first, *lines = table([header, *(_row(look) for look in looks)], width=width)
    return [ink.bold(first), *lines]


def _row(look: Look) -> tuple[str, ...]:
    return (
        _time(look),
        percent(look.share_percent),
        look.answer,
        _errors(look.new),
        _errors(look.old),
        named(look.against),
        named(look.in_favour),
    )


def _time(look: Look) -> str:
    return duration(look.seconds)


def _errors(arm: Arm | None) -> str:
    return f"{arm.errors:,} of {arm.requests:,}" if arm else "-"
