"""Rows as if only some invocations had been kept: what was drawn, times the interval."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localedge.analytics.rows import Row

Key = TypeVar("Key")
EXACT_MAX = 2000


def thinned(rows: Iterable[Row], interval: int) -> list[Row]:
    """One of `interval` invocations is drawn. The same row always has the same luck."""
    if interval == 1:
        return list(rows)
    drawn = (_thin(row, interval) for row in rows if row.requests)
    return [row for row in drawn if row.requests]


def _thin(row: Row, interval: int) -> Row:
    chance = random.Random(f"{row.at} {row.version_id} {interval}")  # noqa: S311 - a statistical draw
    outcomes = _drawn(row.outcomes, interval, chance)
    share = outcomes.total() / row.requests
    buckets = _drawn(row.buckets, interval, chance)
    return dataclasses.replace(
        row, outcomes=outcomes, buckets=buckets, sum_ms=row.sum_ms * share, cpu_us=round(row.cpu_us * share)
    )


def _drawn(counts: Counter[Key], interval: int, chance: random.Random) -> Counter[Key]:
    drawn = {key: interval * _binomial(count, 1 / interval, chance) for key, count in counts.items()}
    return Counter({key: count for key, count in drawn.items() if count})


def _binomial(count: int, share: float, chance: random.Random) -> int:
    """Draw by draw; for many draws the normal distribution is as good."""
    if count <= EXACT_MAX:
        return sum(chance.random() < share for _ in range(count))
    return max(0, round(chance.gauss(count * share, (count * share * (1 - share)) ** 0.5)))
