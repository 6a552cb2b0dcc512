"""Time series of a monitoring system as growth by interval, and what they sum up to.

A system (`Backend`) answers a query with series, each with its labels. Running counters are turned into
growth here: a counter that went down began anew, and counts from zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from headgate.adapters.measurements.counting import NotUnderstood, amount

if TYPE_CHECKING:
    from datetime import datetime

Labels: TypeAlias = frozenset[tuple[str, str]]
LOST_PART = 0.5
"""A counter that keeps more than this of its value has not begun anew."""
_SAFE = re.compile(r"[A-Za-z0-9._-]*")


class Grown(NamedTuple):
    """`added` in the interval at that second since 1970."""

    at: float
    added: float


Growth: TypeAlias = Mapping[Labels, Sequence[Grown]]
"""By the labels of a series; no series at all is an answer that says nothing."""


class Backend(Protocol):
    """A monitoring system's API."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def growth(self, query: str, since: datetime, until: datetime) -> Growth:
        """What was added from `since` up to `until`, by interval. Raises PlatformError."""


def filled(template: str, script: str, version: str) -> str:
    """A query for one version. Raises NotUnderstood for a name that would change what is asked."""
    for value in (script, version):
        if not _SAFE.fullmatch(value):
            raise NotUnderstood(f"{value!r} cannot stand in a query")
    return template.replace("{script}", script).replace("{version}", version)


def growth_of_counter(points: Sequence[tuple[float, float]], since: float) -> list[Grown]:
    """From the values of a running counter, (second, value), oldest first, what it grew by after `since`.

    The last value up to `since` is where it starts. A counter that has none began later, at zero. Raises
    NotUnderstood for a sum that went down because one of its parts was lost.
    """
    grown: list[Grown] = []
    before: float | None = None
    last = float("-inf")
    for at, value in points:
        if at <= last:
            raise NotUnderstood("its points are not in the order of time, or one came twice")
        last = at
        if before is not None and LOST_PART * before < value < before:
            raise NotUnderstood(
                f"a counter went down from {before:g} to {value:g}, which no restart explains: keep the "
                "instances apart, as in `sum by (instance) (...)`"
            )
        if at > since:
            grown.append(Grown(at, value if before is None or value < before else value - before))
        before = value
    return grown


def total(growth: Growth) -> int:
    """The sum of everything, as a whole number of events."""
    return round(sum(grown.added for points in growth.values() for grown in points))


def failed(growth: Growth, status_label: str) -> Growth:
    """The series whose status is 5xx. Raises NotUnderstood where one has no status."""
    statuses = {labels: dict(labels).get(status_label) for labels in growth}
    if None in statuses.values():
        raise NotUnderstood(
            f"a series of the requests has no label {status_label}; name the label with the status as "
            "`status_label`, group by it, or set a query for `errors`"
        )
    return {labels: growth[labels] for labels, status in statuses.items() if str(status).startswith("5")}


def buckets(growth: Growth, unit_ms: float) -> dict[float, int]:
    """Cumulative buckets by upper edge in ms, from series with the label `le`. Raises NotUnderstood."""
    sums: dict[float, float] = {}
    for labels, points in growth.items():
        le = dict(labels).get("le")
        if le is None:
            raise NotUnderstood("a series of the latency has no label `le`; keep it: `sum by (le) (...)`")
        edge = float("inf") if le in ("+Inf", "inf", "Inf") else round(amount(le, "an edge") * unit_ms, 6)
        sums[edge] = sums.get(edge, 0.0) + sum(grown.added for grown in points)
    if sums and float("inf") not in sums:
        raise NotUnderstood("the latency has no bucket up to +Inf")
    found, highest = {}, 0
    for edge in sorted(sums):
        # Buckets are scraped one after the other, so one may be a request short of the one below it.
        highest = max(highest, round(sums[edge]))
        found[edge] = highest
    return found


def by_minute(growth: Growth) -> dict[int, Growth]:
    """The same, apart by minute (its number since 1970)."""
    found: dict[int, dict[Labels, list[Grown]]] = {}
    for labels, points in growth.items():
        for grown in points:
            found.setdefault(int(grown.at // 60), {}).setdefault(labels, []).append(grown)
    return dict(found)


def joined(older: Growth, newer: Growth) -> dict[Labels, Sequence[Grown]]:
    """Two stretches of time as one; the older one as a single sum, so that it does not become larger."""
    found: dict[Labels, Sequence[Grown]] = {}
    for labels in [*older, *(labels for labels in newer if labels not in older)]:
        before = sum(grown.added for grown in older.get(labels, ()))
        found[labels] = [Grown(0.0, before), *newer.get(labels, ())]
    return found
