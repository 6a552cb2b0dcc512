"""The error rates of both versions, each with its band, counted from each stage's beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.report.picture.elements import area, line, path, text
from headgate.domain.report.picture.evidence_panel import stretches
from headgate.domain.report.picture.scale import Panel, round_marks, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headgate.domain.looks.arm import Arm
    from headgate.domain.looks.look import Look

REQUESTS_MIN = 20
"""The rate of fewer is not looked at for the panel's height."""
TOP_MIN = 0.1
"""Percent: no smaller rate fills the panel."""


def top_of(looks: Sequence[Look]) -> float:
    """The rate in percent at the panel's top: above all rates, and most bands in the end of a stage.

    Bands of few requests are wide and say little; they may go beyond.
    """
    arms = [arm for look in looks for arm in (look.new, look.old) if arm is not None]
    rates = [arm.error_rate_percent or 0.0 for arm in arms if arm.requests >= REQUESTS_MIN]
    ends = [arm for _, part in stretches(looks) for arm in (part[-1].new, part[-1].old) if arm is not None]
    highs = sorted(band.high for arm in ends if (band := arm.error_band_percent) is not None)
    usual = highs[len(highs) // 2] if highs else 0.0
    return min(max([TOP_MIN, 1.1 * usual, *(1.1 * rate for rate in rates)]), 100.0)


def errors_panel(looks: Sequence[Look], panel: Panel) -> Iterator[str]:
    """The parts of the panel."""
    yield line((panel.left, panel.bottom), (panel.right, panel.bottom), "axis")
    yield text((panel.left - 6, panel.bottom + 4), "0 %", "small", "end")
    for mark in round_marks(panel.y_max):
        yield line((panel.left, panel.y(mark)), (panel.right, panel.y(mark)), "grid")
        yield text((panel.left - 6, panel.y(mark) + 4), f"{mark:g} %", "small", "end")
    for begin, part in stretches(looks):
        few = thinned(part, out_of=len(looks))
        # What the first look has was counted since the beginning.
        seen = [(begin, few[0]), *((look.seconds, look) for look in few)]
        yield from _version([(seconds, look.old) for seconds, look in seen], panel, "old")
        yield from _version([(seconds, look.new) for seconds, look in seen], panel, "new")


def _version(seen: Sequence[tuple[float, Arm | None]], panel: Panel, name: str) -> Iterator[str]:
    known = [
        (panel.x(seconds), arm.error_rate_percent, arm.error_band_percent)
        for seconds, arm in seen
        if arm is not None
    ]
    told = [(x, rate, band) for x, rate, band in known if rate is not None and band is not None]
    upper = [(x, panel.y(band.high)) for x, _, band in told]
    lower = [(x, panel.y(band.low)) for x, _, band in told]
    yield area(upper, lower, f"band {name}")
    yield path([(x, panel.y(rate)) for x, rate, _ in told], f"line {name}")
