"""What a source of measurements has counted since a mark, and what it knew of the time before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from headgate.domain.judge.counts import Arms
from headgate.domain.rollout.sources import MORE_IS_BETTER
from headgate.domain.traffic import Counters

Mark: TypeAlias = Mapping[str, Any]
"""A JSON value that the journal keeps; what it holds, but for `history`, is the source's own affair."""

HISTORY, CUSTOM = "history", "custom"
"""Keys of a mark: what was before it; the user's own metrics with `direction` and `margin_percent`."""


@dataclass(frozen=True, slots=True)
class Trials:
    """Of a metric that a user defined: so many trials, and those that hit, as the queries count them."""

    trials: int
    hits: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Counted since the mark, by version id: cumulative, as raw events, never rates.

    Counts are complete up to `as_of` (UTC); a source with a delay is behind the clock. A version that is
    missing was not measured, which is not the same as zero. `custom` is by metric's name, then by version.
    `notes` say what the source cannot see or has left out.

    Only readings of the same `epoch` may be subtracted: a source that missed something begins a new one.
    """

    as_of: datetime
    counters: Mapping[str, Counters]
    custom: Mapping[str, Mapping[str, Trials]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    epoch: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the journal; `from_json` reads it."""
        return {
            "as_of": self.as_of.isoformat(),
            "epoch": self.epoch,
            "counters": {version: counters.mark() for version, counters in self.counters.items()},
            "custom": {
                name: {version: [one.trials, one.hits] for version, one in by_version.items()}
                for name, by_version in self.custom.items()
            },
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reading:
        """Read what `as_json` wrote."""
        return cls(
            as_of=datetime.fromisoformat(value["as_of"]).astimezone(UTC),
            counters={version: Counters.from_mark(mark) for version, mark in value["counters"].items()},
            custom={
                name: {version: Trials(*pair) for version, pair in by_version.items()}
                for name, by_version in value.get("custom", {}).items()
            },
            notes=tuple(value.get("notes", ())),
            epoch=value.get("epoch", ""),
        )


@dataclass(frozen=True, slots=True)
class Past:
    """What was counted in one stretch of `seconds` before the mark, by version id."""

    seconds: float
    counters: Mapping[str, Counters]

    def as_json(self) -> dict[str, Any]:
        """For a mark."""
        counted = {version: counters.mark() for version, counters in self.counters.items()}
        return {"seconds": self.seconds, "counters": counted}


def custom_of(mark: Mark | None) -> Mapping[str, Mapping[str, Any]]:
    """The user's own metrics that are read from a mark on, by name."""
    return (mark or {}).get(CUSTOM) or {}


def arms_of(canary: Trials, baseline: Trials, direction: str) -> Arms:
    """One interval of a user's metric, for tests in which more hits are worse.

    Where more is better the versions change places: that the one before hits more often is what is bad. To
    count misses instead would see nothing where hits are rare: 95 % misses and 100 % are nearly the same.
    """
    if direction == MORE_IS_BETTER:
        return Arms(baseline.trials, baseline.hits, canary.trials, canary.hits)
    return Arms(canary.trials, canary.hits, baseline.trials, baseline.hits)


def history_of(mark: Mark) -> tuple[Past, ...]:
    """The half hour before the mark, oldest first; empty where the source could not tell it."""
    return tuple(
        Past(
            past["seconds"],
            {version: Counters.from_mark(counted) for version, counted in past["counters"].items()},
        )
        for past in mark.get(HISTORY, ())
    )
