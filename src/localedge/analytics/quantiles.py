"""Quantiles of what is known as a histogram or as a few means."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PERCENTILES = {"P25": 0.25, "P50": 0.5, "P75": 0.75, "P90": 0.9, "P95": 0.95, "P99": 0.99, "P999": 0.999}


def of_histogram(buckets: Mapping[int, float], edges: Sequence[float], share: float) -> float:
    """Evenly between the edges of the bucket that it falls in; beyond the last edge, that edge."""
    wanted = share * sum(buckets.values())
    below = 0.0
    for number, upper in enumerate(edges):
        count = buckets.get(number, 0)
        if count and below + count >= wanted:
            lower = edges[number - 1] if number else 0.0
            return lower + (upper - lower) * (wanted - below) / count
        below += count
    return edges[-1] if below < sum(buckets.values()) else 0.0


def weighted(values: Sequence[tuple[float, float]], share: float) -> float:
    """Of pairs of value and weight: the value below which so large a share of the weight is."""
    wanted = share * sum(weight for _, weight in values)
    ordered = sorted(values)
    below = itertools.accumulate(weight for _, weight in ordered)
    return next((value for (value, _), sum_ in zip(ordered, below, strict=True) if sum_ >= wanted), 0.0)
