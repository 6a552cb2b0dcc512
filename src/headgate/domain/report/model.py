"""What a report says, before it has a form. None is what was not measured; it is never shown as 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.report.ending import Ending


class State(StrEnum):
    """How a change stands."""

    DONE = "done"
    ROLLED_BACK = "rolled back"
    REJECTED = "rejected"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class About:
    """What was deployed where, by whom, why and when."""

    change_id: str
    kind: str
    service: str
    environment: str
    version: str
    """For people: `7 (version id)`, or what stands for it where nothing was uploaded."""
    version_id: str
    artifact: str
    author: str
    reason: str
    state: State
    ending: Ending | None
    """Of a change that turned round: how far it had come. None of any other."""
    first_release: bool
    started_at: str
    ended_at: str
    """Empty while it runs."""
    serving: str
    """What serves in the environment now, in words."""


@dataclass(frozen=True, slots=True)
class PreCheck:
    """One line of the pre-checks: `word` is PASS, FAIL, VALID, INVALID or `not run`."""

    name: str
    word: str
    passed: bool
    details: str


@dataclass(frozen=True, slots=True)
class Act:
    """A step that was done, failed or was undone, and the calls that were executed for it."""

    title: str
    result: str
    seconds: float | None
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """What was counted for one version while it was watched; a rate or latency is None without requests."""

    requests: int
    error_rate_percent: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One watch at a share of the traffic: how long, how many requests came, and why it ended as it did."""

    share_percent: float
    seconds: float
    new_requests: int
    old_requests: int
    ending: str
    """`passed`, `rolled back`, `left`, or `weighed anew`; `running` while it goes on."""
    why: str


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """What one metric said at the last look; `side` is `rollback` or `promote`, and odds are `1 : 24`."""

    metric: str
    side: str
    odds: str
    limit: str
    enough: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured."""

    build_seconds: float | None
    """The build, which was before the proposal. None where nothing was built, or where it is not known."""
    switched_seconds: float | None
    """From the proposal until the traffic was switched; on a first release, until the Worker was there."""
    total_seconds: float | None
    back_seconds: float | None
    """From the decision to go back until the traffic was back, or the Worker of a first release away."""
    new: VersionFigures | None
    old: VersionFigures | None
    rollback_ready: bool
    """True only if going back was checked and works."""
    rollback_checked: str
    """What was seen, or why going back is not ready."""
    stages: tuple[StageFigures, ...] = ()
    evidence: tuple[EvidenceFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one change."""

    about: About
    pre_checks: tuple[PreCheck, ...]
    acts: tuple[Act, ...]
    metrics: Metrics
    issues: tuple[str, ...]
    next_steps: tuple[str, ...]
