"""How much more likely an interval is under an alternative than under the null hypothesis nearest to it.

The null is a half plane of rates, `pc <= ratio * pb + offset` or its opposite. Its point nearest to the
alternative, in the sense of Kullback and Leibler, lies on the border; the ratio of likelihoods to that point
has expectation at most 1 under *every* point of the null (the reverse information projection of a convex
set), so its product over intervals is an e-process: it may be looked at at any time.

Source: Turner, Ly, Gruenwald, "Generic E-variables for exact sequential k-sample tests", arXiv 2106.02693.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from headgate.domain.judge.counts import Arms

NARROWINGS = 60
EDGE = 1e-12


class Rates(NamedTuple):
    """Hits per request of canary and baseline, each within 0 and 1."""

    canary: float
    baseline: float


def border(arms: Arms, alternative: Rates, ratio: float) -> Rates:
    """The rates with `canary = ratio * baseline` that are nearest to the alternative, for these requests.

    Solves `S - (S(1+r) + A + B) b + (S r + A + B r) b^2 = 0` for its smaller root, with `S` the hits to be
    expected, `A` and `B` the rest of canary (times r) and baseline.
    """
    hits = arms.canary * alternative.canary + arms.baseline * alternative.baseline
    rest_canary = arms.canary * (1 - alternative.canary) * ratio
    rest_baseline = arms.baseline * (1 - alternative.baseline)
    linear = hits * (1 + ratio) + rest_canary + rest_baseline
    square = hits * ratio + rest_canary + rest_baseline * ratio
    root = math.sqrt(max(linear * linear - 4 * hits * square, 0.0))
    baseline = 2 * hits / (linear + root)
    return Rates(ratio * baseline, baseline)


def border_with_offset(arms: Arms, alternative: Rates, ratio: float, offset: float) -> Rates:
    """The same for `canary = ratio * baseline + offset`, by bisection. `0 < offset < 1`."""
    low, high = EDGE, min(1.0, (1 - offset) / ratio) - EDGE
    for _ in range(NARROWINGS):
        baseline = (low + high) / 2
        canary = ratio * baseline + offset
        slope = arms.canary * ratio * (canary - alternative.canary) / (canary * (1 - canary))
        slope += arms.baseline * (baseline - alternative.baseline) / (baseline * (1 - baseline))
        low, high = (low, baseline) if slope > 0 else (baseline, high)
    baseline = (low + high) / 2
    return Rates(ratio * baseline + offset, baseline)


def log_ratio(arms: Arms, alternative: Rates, null: Rates) -> float:
    """Natural logarithm of the likelihood under the alternative over that under the null."""
    return _one(arms.canary, arms.canary_hits, alternative.canary, null.canary) + _one(
        arms.baseline, arms.baseline_hits, alternative.baseline, null.baseline
    )


def _one(requests: int, hits: int, alternative: float, null: float) -> float:
    missed = requests - hits
    value = 0.0
    if hits:
        value += hits * math.log(alternative / null)
    if missed:
        value += missed * (math.log1p(-alternative) - math.log1p(-null))
    return value
