"""What the router has counted, for each version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class LatencyHistogram:
    """Times to the first byte of the answer, as cumulative counts.

    `counts[i]` requests took at most `edges_ms[i]`; the one count more at the end is all of them.
    """

    edges_ms: tuple[float, ...]
    counts: tuple[int, ...]
    sum_ms: float


@dataclass(frozen=True, slots=True)
class VersionCounters:
    """Since the edge started. `requests` are those that the version answered, exceptions among them.

    An exception is also counted in `statuses`, as the 500 that the client got. `unanswered` are those that
    the version's process broke off, which the client was told with a 502 that carries no version. Those whose
    client left before the answer are `disconnects`, and counted nowhere else.
    """

    script: str
    version_id: str
    requests: int
    exceptions: int
    unanswered: int
    statuses: Mapping[int, int]
    latency: LatencyHistogram
    inflight: int
    disconnects: int = 0
