"""The whole picture: two panels over the same time, with the stages behind them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from headgate.domain.looks.look import looks_of
from headgate.domain.report.picture.elements import line, rectangle, text
from headgate.domain.report.picture.errors_panel import errors_panel, top_of
from headgate.domain.report.picture.evidence_panel import (
    DASHES,
    EDGE,
    evidence_panel,
    metrics_of,
    stretches,
)
from headgate.domain.report.picture.look_of_it import STYLE
from headgate.domain.report.picture.scale import Panel, time_marks, time_words
from headgate.domain.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headgate.domain.looks.look import Look
    from headgate.domain.record import ChangeRecord

WIDTH, HEIGHT = 720, 430
LEFT, RIGHT = 64, 708
EVIDENCE, ERRORS = (50, 210), (258, 392)
"""From top to bottom."""
LABEL_WIDTH_MIN = 34


_BEGINNING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" class="hg-picture" viewBox="0 0 {WIDTH} {HEIGHT}" '
    f'role="img" width="100%" style="max-width:{WIDTH}px">'
)


def picture_of(record: ChangeRecord) -> str:
    """The picture of a change as one element of SVG; '' where no evidence was weighed."""
    looks = [look for look in looks_of(record) if look.evidence]
    if not looks:
        return ""
    ends = max(look.seconds for look in looks) or 1.0
    evidence = Panel(LEFT, RIGHT, *EVIDENCE, x_max=ends, y_min=-EDGE, y_max=EDGE)
    errors = Panel(LEFT, RIGHT, *ERRORS, x_max=ends, y_min=0.0, y_max=top_of(looks))
    said = escape(one_line(record.verdict or looks[-1].why))
    parts = [
        _BEGINNING,
        "<title>Evidence and error rates over time</title>",
        f"<desc>{said}</desc>",
        f"<style>{STYLE}</style>",
        *_stages(looks, evidence),
        *_evidence_head(looks),
        *evidence_panel(looks, evidence),
        *_errors_head(),
        *errors_panel(looks, errors),
        *_times(errors),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _stages(looks: Sequence[Look], panel: Panel) -> Iterator[str]:
    """Behind both panels, each stage's time, with the share that the new version had."""
    for number, (begin, part) in enumerate(stretches(looks)):
        left, right = panel.x(begin), panel.x(part[-1].seconds)
        shade = "stage even" if number % 2 else "stage"
        for top, bottom in (EVIDENCE, ERRORS):
            yield rectangle(left, top, right - left, bottom - top, shade)
        if right - left >= LABEL_WIDTH_MIN:
            share = f"{part[0].share_percent:g} %"
            yield text(((left + right) / 2, EVIDENCE[0] - 6), share, "small", "middle")


def _evidence_head(looks: Sequence[Look]) -> Iterator[str]:
    yield text((LEFT, 18), "Evidence for and against the new version, log scale", "head")
    x = float(RIGHT)
    for metric, dash in reversed(list(zip(metrics_of(looks), DASHES, strict=False))):
        name = one_line(metric)[:24]
        yield text((x, 18), name, "small", "end")
        x -= 6.2 * len(name) + 6
        yield line((x - 22, 14), (x, 14), f"line axis {dash}")
        x -= 36


def _errors_head() -> Iterator[str]:
    top = ERRORS[0] - 12
    yield text((LEFT, top), "Error rate in each stage, with the band it lies in at 95 %", "head")
    for name, x in (("new", RIGHT - 96), ("old", RIGHT - 20)):
        yield line((x - 28, top - 4), (x - 6, top - 4), f"line {name}")
        yield text((x, top), name, "small")


def _times(panel: Panel) -> Iterator[str]:
    for mark in time_marks(panel.x_max):
        x = panel.x(mark)
        yield line((x, panel.bottom), (x, panel.bottom + 4), "axis")
        anchor = "end" if x > RIGHT - 16 else "middle"
        yield text((x, panel.bottom + 17), time_words(mark) if mark else "0", "small", anchor)
    yield text((RIGHT, panel.bottom + 34), "since the watch began", "small", "end")
