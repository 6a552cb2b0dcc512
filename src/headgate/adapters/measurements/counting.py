"""What all sources share: whole counts or none, cumulative buckets, and moments on a grid."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

HISTORY_SECONDS = 1800
"""How far back a mark tells of the time before."""
EDGES_MS = (
    *(1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 120.0, 150.0, 200.0),
    *(250.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0, 1500.0, 2000.0, 3000.0, 5000.0, 10000.0, math.inf),
)
"""Upper edges of the histograms that Headgate fills itself."""


class NotUnderstood(ValueError):
    """A source answered with something that is no measurement; its text says what and is shown to people."""


def amount(value: object, what: str) -> float:
    """A finite number that is not negative. Raises NotUnderstood."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotUnderstood(f"{what} is {value!r}, which is no number")
    try:
        number = float(value)
    except ValueError:
        raise NotUnderstood(f"{what} is {str(value)[:40]!r}, which is no number") from None
    if not math.isfinite(number):
        raise NotUnderstood(f"{what} is {number}")
    if number < 0:
        raise NotUnderstood(f"{what} is negative: {number:g}")
    return number


def refusal(error: NotUnderstood, source: str, *, where: str, remedy: str = "") -> PlatformError:
    """The error that makes a reading inconclusive."""
    return PlatformError(f"What {source} answered cannot be used: {error}.", where=where, remedy=remedy)


def at_most(edge_counts: Mapping[float, int]) -> dict[float, int]:
    """Counts in each bucket, by upper edge -> cumulative counts over `EDGES_MS`."""
    total, cumulative = 0, {}
    for edge in EDGES_MS:
        total += edge_counts.get(edge, 0)
        cumulative[edge] = total
    return cumulative


def bucket_of(milliseconds: float) -> float:
    """The upper edge of the bucket that a latency falls in."""
    return next(edge for edge in EDGES_MS if milliseconds <= edge)


def floor_to(moment: datetime, seconds: int) -> datetime:
    """The last moment on a grid of so many seconds that is not after this one."""
    stamp = math.floor(moment.timestamp())
    return datetime.fromtimestamp(stamp - stamp % seconds, UTC)


def moment_of(mark: Mapping[str, Any], source: str) -> datetime:
    """When a mark was made. Raises PlatformError for one that another source has made."""
    if mark.get("source") != source:
        raise PlatformError(
            f"The watch was begun with measurements from {mark.get('source')!r}, and {source!r} is set now.",
            where="[metrics] source",
            remedy="Set it back until the change is over, or abort the change.",
        )
    return datetime.fromisoformat(str(mark["at"])).astimezone(UTC)
