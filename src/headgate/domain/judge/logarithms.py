"""Sums of numbers that are kept as logarithms, because they are far too large or too small otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ZERO = -math.inf
"""The logarithm of nothing."""


def log_sum(logs: Sequence[float]) -> float:
    """`log(sum(exp(x)))`, without overflow; `ZERO` of nothing."""
    highest = max(logs, default=ZERO)
    if highest == ZERO:
        return ZERO
    return highest + math.log(sum(math.exp(one - highest) for one in logs))


def log_mean(logs: Sequence[float]) -> float:
    """`log(mean(exp(x)))`."""
    return log_sum(logs) - math.log(len(logs))


def log_of(value: float) -> float:
    """The logarithm, `ZERO` of nothing."""
    return math.log(value) if value > 0 else ZERO
