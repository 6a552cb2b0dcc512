"""What a course has seen of one watch: how long, how much, and how the counts stand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.rollout.intervals import Counted
    from headgate.domain.rollout.reading import Reading


@dataclass(frozen=True, slots=True)
class Probed:
    """Requests of Headgate's own to both versions, between two moments: version -> (requests, errors)."""

    begun: datetime
    ended: datetime
    counts: Mapping[str, tuple[int, int]]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Probed:
        """Read what a sample has of its probes."""
        counts = {version: (pair[0], pair[1]) for version, pair in value["counts"].items()}
        return cls(datetime.fromisoformat(value["begun"]), datetime.fromisoformat(value["ended"]), counts)

    def requests(self, version: str) -> int:
        """How many went to a version."""
        return self.counts.get(version, (0, 0))[0]


@dataclass(slots=True)
class Seen:
    """Sums over one watch; all in seconds, by a clock that does not jump."""

    watched: float = 0.0
    soaked: float = 0.0
    """With data."""
    quiet: float = 0.0
    """Since there last was data."""
    since_base: float = 0.0
    """Watched since the reading that the next difference is taken from."""
    interrupted: bool = False
    """Whether more time than that may have gone by since: a process was taken up."""
    users: int = 0
    """Requests of users to the new version."""
    nobody_came: bool = False
    """Whether in the last interval one of the versions had no request of a user."""
    blind: str = ""
    """Why the last look told nothing; '' if it did."""
    reading: Reading | None = None
    """The newest sound one."""
    probes: list[Probed] = field(default_factory=list)
    """Those that may still turn up in an interval."""

    def wait(self, seconds: float | None) -> None:
        """Time went by; None: a process was taken up, and nobody knows how long."""
        self.watched += seconds or 0.0
        self.since_base += seconds or 0.0
        self.interrupted = self.interrupted or seconds is None

    def rebase(self) -> None:
        """The next difference is taken from the reading of now."""
        self.since_base, self.interrupted = 0.0, False

    @property
    def gone_by(self) -> float:
        """Seconds since that reading at the most; infinity where that is not known."""
        return math.inf if self.interrupted else self.since_base

    def look(self, counted: Counted | None, *, data: bool, waited: float) -> None:
        """A look came to its end; `data`: there was something to judge."""
        self.quiet = 0.0 if data else self.quiet + waited
        if data:
            self.soaked += min(counted.seconds, self.since_base) if counted else waited


def time_left_seconds(
    evidence: tuple[tuple[float, float], ...], *, soaked: float, soak: float, tested: float
) -> float | None:
    """How long the stage will take at the present traffic, or None where nothing speaks for it yet.

    `evidence` has the logarithm of each metric's evidence for a promotion and its limit; it grows with the
    requests, so what was gained in `tested` seconds is taken to be gained again.
    """
    left = [max(soak - soaked, 0.0)]
    for value, limit in evidence:
        if value >= limit:
            continue
        if value <= 0 or tested <= 0:
            return None
        left.append((limit - value) * tested / value)
    return max(left)
