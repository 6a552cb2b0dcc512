"""Traffic: the split between versions, and what was counted for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.domain.errors import HeadgateError

Split = Mapping[str, float]
"""Version id -> share in percent. One or two versions, summing to 100; a version may have 0."""


def checked(split: Split) -> Split:
    """The split itself, if the platform can take it."""
    if not 1 <= len(split) <= 2 or abs(sum(split.values()) - 100) > 1e-6 or min(split.values()) < 0:
        raise HeadgateError(f"A split has one or two versions and sums to 100 %, not {dict(split)}.")
    return split


def all_to(version_id: str, *, keeping: str = "") -> Split:
    """100 % to a version; `keeping` another one in reach at 0 %."""
    return {version_id: 100.0} if keeping in ("", version_id) else {version_id: 100.0, keeping: 0.0}


@dataclass(frozen=True, slots=True)
class Deployment:
    """What serves now: which versions with which share, since when, by whom, with which message."""

    id: str
    split: Split
    author: str
    created_on: str
    message: str

    @property
    def main_version(self) -> str:
        """The version with the largest share."""
        return max(self.split, key=lambda version_id: self.split[version_id])


@dataclass(frozen=True, slots=True)
class Version:
    """An uploaded version; `message` and `tag` are its annotations."""

    id: str
    number: int
    created_on: str
    author: str
    message: str
    tag: str


@dataclass(frozen=True, slots=True)
class Counters:
    """Counted for one version since it first ran; only differences mean something.

    `errors` counts exceptions and answers with status 500 and above, each request once. `buckets` maps an
    upper edge in milliseconds to the number of requests at or under it (cumulative, up to infinity).
    """

    requests: int
    exceptions: int
    errors: int
    buckets: Mapping[float, int]

    def since(self, earlier: Counters | None) -> Counters:
        """What was counted after `earlier`. A counter that went down was reset: it counts from zero."""
        if earlier is None or self.requests < earlier.requests:
            return self
        return Counters(
            requests=self.requests - earlier.requests,
            exceptions=max(0, self.exceptions - earlier.exceptions),
            errors=max(0, self.errors - earlier.errors),
            buckets={edge: max(0, n - earlier.buckets.get(edge, 0)) for edge, n in self.buckets.items()},
        )

    @property
    def error_rate_percent(self) -> float | None:
        """Errors per hundred requests; None without requests, because no data is not good data."""
        return 100 * self.errors / self.requests if self.requests else None

    def latency_ms(self, quantile: float) -> float | None:
        """The latency under which a share `quantile` (0..1) of requests stayed, interpolated in its bucket.

        None without requests. In the last, open bucket it is that bucket's lower edge.
        """
        edges = sorted(self.buckets)
        total = self.buckets[edges[-1]] if edges else 0
        if not total:
            return None
        wanted, below, lower = quantile * total, 0, 0.0
        for edge in edges:
            here = self.buckets[edge]
            if here >= wanted and here > below:
                return (
                    lower
                    if edge == float("inf")
                    else lower + (edge - lower) * (wanted - below) / (here - below)
                )
            below, lower = here, edge
        return lower

    def as_json(self) -> dict[str, Any]:
        """The counters with the figures people read: rates in percent, latency in milliseconds."""
        return {
            "requests": self.requests,
            "exceptions": self.exceptions,
            "errors": self.errors,
            "error_rate_percent": self.error_rate_percent,
            "p50_ms": self.latency_ms(0.50),
            "p95_ms": self.latency_ms(0.95),
            "p99_ms": self.latency_ms(0.99),
        }

    def mark(self) -> dict[str, Any]:
        """All that was counted, in JSON values, to be read back by `from_mark`."""
        return {
            "requests": self.requests,
            "exceptions": self.exceptions,
            "errors": self.errors,
            "buckets": {str(edge): count for edge, count in self.buckets.items()},
        }

    @classmethod
    def from_mark(cls, mark: Mapping[str, Any]) -> Counters:
        """Read what `mark` wrote."""
        buckets = {float(edge): count for edge, count in mark["buckets"].items()}
        return cls(mark["requests"], mark["exceptions"], mark["errors"], buckets)


NOTHING_COUNTED = Counters(0, 0, 0, {})


def total(counted: Iterable[Counters]) -> Counters:
    """The sum of counters; of their histograms, the edges that all of them have."""
    each = tuple(counted)
    if not each:
        return NOTHING_COUNTED
    edges = set.intersection(*(set(one.buckets) for one in each))
    return Counters(
        requests=sum(one.requests for one in each),
        exceptions=sum(one.exceptions for one in each),
        errors=sum(one.errors for one in each),
        buckets={edge: sum(one.buckets[edge] for one in each) for edge in sorted(edges)},
    )
