"""Evidence over time, on a log scale: up is for the new version, down against it; lines show where it acts.

Each metric is drawn by how far it has come to where it acts, because they need not act at the same odds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.report.picture.elements import Point, line, path, text
from headgate.domain.report.picture.scale import Panel, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headgate.domain.looks.look import Look

ENOUGH, EDGE = 1.0, 1.18
"""Evidence beyond the edge is drawn at it."""
METRICS_MAX = 4
DASHES = ("one", "two", "three", "four")
_SIGN = {Side.PROMOTE: 1.0, Side.ROLLBACK: -1.0}
_LOOK = {Side.PROMOTE: "for", Side.ROLLBACK: "against"}


def evidence_panel(looks: Sequence[Look], panel: Panel) -> Iterator[str]:
    """The parts of the panel."""
    metrics = metrics_of(looks)
    yield line((panel.left, panel.y(0)), (panel.right, panel.y(0)), "axis")
    for side, verb, below in ((Side.PROMOTE, "goes on at", -5.0), (Side.ROLLBACK, "goes back at", 13.0)):
        height = panel.y(_SIGN[side] * ENOUGH)
        yield line((panel.left, height), (panel.right, height), f"act {_LOOK[side]}")
        limits = _limits(looks, side, metrics)
        if limits:
            yield text((panel.left + 4, height + below), f"{verb} {limits}", f"small {_LOOK[side]}-ink")
    yield text((panel.left - 6, panel.y(ENOUGH) + 4), "for", "small", "end")
    yield text((panel.left - 6, panel.y(0) + 4), "1 : 1", "small", "end")
    yield text((panel.left - 6, panel.y(-ENOUGH) + 4), "against", "small", "end")
    for metric, dash in zip(metrics, DASHES, strict=False):
        # What is against a version is summed over all stages; what is for it begins anew with each.
        against = _points(looks, metric, Side.ROLLBACK, panel, begin=0.0, out_of=len(looks))
        yield path(against, f"line against {dash}")
        for begin, part in stretches(looks):
            in_favour = _points(part, metric, Side.PROMOTE, panel, begin=begin, out_of=len(looks))
            yield path(in_favour, f"line for {dash}")


def metrics_of(looks: Sequence[Look]) -> list[str]:
    """The metrics that are drawn: errors and latency, and others that came furthest."""
    found: dict[str, float] = {}
    for look in looks:
        for one in look.evidence:
            found[one.metric] = max(found.get(one.metric, 0.0), one.way)
    always = [metric for metric in ("errors", "latency") if metric in found]
    others = sorted((name for name in found if name not in always), key=lambda name: -found[name])
    return [*always, *(name for name in others if found[name] > 0)][:METRICS_MAX]


def stretches(looks: Sequence[Look]) -> list[tuple[float, list[Look]]]:
    """The looks of each watch, and when it began, in seconds."""
    parts: dict[int, list[Look]] = {}
    for look in looks:
        parts.setdefault(look.watch, []).append(look)
    begins = [0.0, *(part[-1].seconds for part in parts.values())]
    return list(zip(begins, parts.values(), strict=False))


def _points(
    looks: Sequence[Look], metric: str, side: Side, panel: Panel, *, begin: float, out_of: int
) -> list[Point]:
    """From 1 : 1 where it begins; none where there is no such evidence."""
    found = [(look, one) for look in looks if (one := _of(look, metric, side)) is not None]
    points = [
        (panel.x(look.seconds), panel.y(_SIGN[side] * min(one.way, EDGE)))
        for look, one in thinned(found, out_of=out_of)
    ]
    return [(panel.x(begin), panel.y(0)), *points] if points else []


def _of(look: Look, metric: str, side: Side) -> Evidence | None:
    return next((one for one in look.evidence if one.metric == metric and one.side is side), None)


def _limits(looks: Sequence[Look], side: Side, metrics: Sequence[str]) -> str:
    """Where a side acts, as in `errors 1 : 100, latency 1 : 200`."""
    newest = looks[-1] if any(one.side is side for one in looks[-1].evidence) else looks[0]
    limits = {
        one.metric: one.limit_odds for one in newest.evidence if one.side is side and one.metric in metrics
    }
    if len(set(limits.values())) == 1:
        return next(iter(limits.values()))
    return ", ".join(f"{metric} {limit}" for metric, limit in limits.items())
