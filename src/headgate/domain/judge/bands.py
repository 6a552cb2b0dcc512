"""How sure a figure is: the band in which the truth lies, at 95 %.

For a rate it is Wilson's interval; with z = 1.96, p = hits / n and n requests

    (p + z²/2n ± z sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n)

It is right also where nothing or nearly everything failed, and never leaves 0..1. The band of a quantile of
the latency is where the histogram reaches the bounds of the band of its share. Both are for people to read:
they hold at one moment, so nothing is decided by them.

Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from headgate.domain.traffic import Counters

Z = 1.959963984540054
"""Of the normal distribution, 2.5 % lie above."""


class Band(NamedTuple):
    """From `low` to `high`, in the unit of the figure."""

    low: float
    high: float


def rate_band(hits: float, requests: int) -> Band | None:
    """The band of a rate in hits per request, within 0 and 1; None without requests."""
    if requests <= 0:
        return None
    share, squared = hits / requests, Z * Z
    middle = share + squared / (2 * requests)
    spread = Z * math.sqrt(max(share * (1 - share), 0.0) / requests + squared / (4 * requests**2))
    whole = 1 + squared / requests
    # With no hits, or nothing else, a bound is the rate itself; rounding must not push it beyond.
    return Band(
        min(max((middle - spread) / whole, 0.0), share), max(min((middle + spread) / whole, 1.0), share)
    )


def error_band_percent(counters: Counters) -> Band | None:
    """The band of the error rate in percent; None without requests."""
    band = rate_band(counters.errors, counters.requests)
    return Band(100 * band.low, 100 * band.high) if band else None


def latency_band_ms(counters: Counters, quantile: float) -> Band | None:
    """The band of the latency at a quantile (0..1), in milliseconds; None without a histogram."""
    timed = max(counters.buckets.values(), default=0)
    band = rate_band(quantile * timed, timed)
    if band is None:
        return None
    low, high = counters.latency_ms(band.low), counters.latency_ms(band.high)
    return None if low is None or high is None else Band(low, high)
