"""One version's figures at one look, with the bands they are sure within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.domain.judge.bands import Band, latency_band_ms, rate_band

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.traffic import Counters

QUANTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Arm:
    """Counted for a version since the stage began, or in its past where it has no traffic now.

    `shown` is what the journal's sample has of it. Without `counters` its latency has no band.
    """

    version_id: str
    shown: Mapping[str, Any]
    counters: Counters | None = None

    @property
    def requests(self) -> int:
        """How many requests."""
        return int(self.shown["requests"])

    @property
    def errors(self) -> int:
        """How many of them failed."""
        return int(self.shown["errors"])

    @property
    def error_rate_percent(self) -> float | None:
        """Errors in a hundred requests; None without requests."""
        rate: float | None = self.shown["error_rate_percent"]
        return rate

    @property
    def error_band_percent(self) -> Band | None:
        """Where the true error rate lies; None without requests."""
        band = rate_band(self.errors, self.requests)
        return Band(100 * band.low, 100 * band.high) if band else None

    def latency_ms(self, quantile: int) -> float | None:
        """The latency at a quantile in percent; None where it was not measured."""
        latency: float | None = self.shown[f"p{quantile}_ms"]
        return latency

    def latency_band_ms(self, quantile: int) -> Band | None:
        """Where the true latency lies; None where that is not known."""
        return latency_band_ms(self.counters, quantile / 100) if self.counters else None

    def as_json(self) -> dict[str, Any]:
        """Figures and bands; null is what was not measured."""
        latencies = {
            f"p{quantile}_ms": _with_band(self.latency_ms(quantile), self.latency_band_ms(quantile))
            for quantile in QUANTILES
        }
        rate = _with_band(self.error_rate_percent, self.error_band_percent)
        return {
            "version": self.version_id,
            "requests": self.requests,
            "errors": self.errors,
            "error_rate_percent": rate,
            **latencies,
        }


def _with_band(value: float | None, band: Band | None) -> dict[str, float | None]:
    low, high = band or (None, None)
    return {"value": value, "low": low, "high": high}
