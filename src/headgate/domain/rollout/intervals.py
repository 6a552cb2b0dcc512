"""From readings to intervals: what was counted between two of them, or why that is not known.

A reading that cannot be right is refused with its reason, and its interval is dropped: nothing is guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from headgate.domain.rollout.reading import Reading, Trials
from headgate.domain.traffic import NOTHING_COUNTED, Counters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

AHEAD_SECONDS_MAX = 60.0
"""How far a source's clock may be ahead of ours, and how much further than the time watched it may move."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Whose counts are wanted; without a baseline the canary is alone."""

    canary: str
    baseline: str = ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """Both, or the one."""
        return (self.canary, self.baseline) if self.baseline else (self.canary,)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted between two readings; `custom` by metric, then by version."""

    seconds: float
    canary: Counters
    baseline: Counters
    custom: Mapping[str, Mapping[str, Trials]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an interval is not known. `anew`: from this reading on, what is counted is sound again."""

    why: str
    anew: bool = False


def beginning(at: datetime, versions: Versions, *, epoch: str = "") -> Reading:
    """The reading at a mark: nothing is counted yet."""
    return Reading(at, dict.fromkeys(versions.wanted, NOTHING_COUNTED), epoch=epoch)


def unsound(reading: Reading, versions: Versions) -> str:
    """Why a reading by itself cannot be right, or says nothing of the versions; '' if it can."""
    if not reading.counters:
        return "the source returned nothing"
    for version in versions.wanted:
        if version not in reading.counters:
            others = ", ".join(reading.counters)
            return f"the source says nothing of version {version}, but of {others}"
        if wrong := _wrong(reading.counters[version]):
            return f"the counters of version {version} cannot be right: {wrong}"
    for name, by_version in reading.custom.items():
        for version, one in by_version.items():
            if not _is_count(one.trials) or not _is_count(one.hits) or one.hits > one.trials:
                return f"the metric {name} of version {version} cannot be right: {one.hits} of {one.trials}"
    return ""


def between(
    before: Reading,
    after: Reading,
    versions: Versions,
    *,
    taken_at: datetime,
    watched_seconds: float,
    from_mark: bool = False,
) -> Counted | Refused:
    """What was counted from one sound reading to the next.

    `taken_at` is when our clock had the second one; `watched_seconds` went by since the first, measured by a
    clock that does not jump, or infinity where that is not known. The first one is taken `from_mark`, which a
    source with a delay is behind at first.
    """
    seconds = (after.as_of - before.as_of).total_seconds()
    if after.as_of > taken_at + timedelta(seconds=AHEAD_SECONDS_MAX):
        ahead = (after.as_of - taken_at).total_seconds()
        return Refused(f"a clock has jumped: the source's is {ahead:.0f} s ahead")
    if seconds < -AHEAD_SECONDS_MAX and not from_mark:
        return Refused(f"a clock has jumped: the source's went back by {-seconds:.0f} s", anew=True)
    if seconds <= 0:
        return Refused("the source has nothing newer yet")
    if after.epoch != before.epoch:
        return Refused("the source has missed something, and counts anew", anew=True)
    if seconds > watched_seconds + AHEAD_SECONDS_MAX:
        told = f"the source's went on by {seconds:.0f} s in {watched_seconds:.0f} s"
        return Refused(f"a clock has jumped: {told}", anew=True)
    arms = {
        version: _difference(version, before.counters.get(version, NOTHING_COUNTED), after.counters[version])
        for version in versions.wanted
    }
    refused = next((arm for arm in arms.values() if isinstance(arm, Refused)), None)
    if refused is not None:
        return refused
    counted = {version: arm for version, arm in arms.items() if isinstance(arm, Counters)}
    return Counted(
        seconds,
        counted[versions.canary],
        counted.get(versions.baseline, NOTHING_COUNTED),
        _custom(before, after, versions),
    )


def _is_count(value: float) -> bool:
    return math.isfinite(value) and value >= 0 and value == int(value)


def _wrong(counters: Counters) -> str:
    figures = (counters.requests, counters.exceptions, counters.errors, *counters.buckets.values())
    for value in figures:
        if not _is_count(value):
            return f"{value} is no count"
    if counters.errors > counters.requests:
        return f"{counters.errors} errors in {counters.requests} requests"
    edges = sorted(counters.buckets)
    if any(math.isnan(edge) for edge in edges):
        return "its histogram has an edge that is no number"
    counts = [counters.buckets[edge] for edge in edges]
    return "its histogram goes down" if counts != sorted(counts) else ""


def _difference(version: str, before: Counters, after: Counters) -> Counters | Refused:
    went_down = after.requests < before.requests or after.errors < before.errors
    shared = before.buckets.keys() & after.buckets.keys()
    if went_down or any(after.buckets[edge] < before.buckets[edge] for edge in shared):
        return Refused(f"the counters of version {version} went down: they began anew", anew=True)
    if before.buckets and before.buckets.keys() != after.buckets.keys():
        return Refused(f"the histogram of version {version} has other edges now", anew=True)
    counted = after.since(before)
    if wrong := _wrong(counted):
        return Refused(f"what was counted for version {version} cannot be right: {wrong}")
    return counted


def _custom(before: Reading, after: Reading, versions: Versions) -> dict[str, Mapping[str, Trials]]:
    """Metrics of a user that both readings have of every version, and that only grew; others are unknown."""
    found: dict[str, Mapping[str, Trials]] = {}
    for name, by_version in after.custom.items():
        earlier = before.custom.get(name, {})
        if not set(versions.wanted) <= by_version.keys() & earlier.keys():
            continue
        grown = {version: _grown(earlier[version], by_version[version]) for version in versions.wanted}
        sound = {version: trials for version, trials in grown.items() if trials is not None}
        if len(sound) == len(grown):
            found[name] = sound
    return found


def _grown(before: Trials, after: Trials) -> Trials | None:
    trials, hits = after.trials - before.trials, after.hits - before.hits
    return Trials(trials, hits) if 0 <= hits <= trials else None
