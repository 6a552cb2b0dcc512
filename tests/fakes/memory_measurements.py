"""A source of measurements in memory that promises the same as the real ones, and can be told to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.errors import HeadgateError, PlatformUnreachable
from headgate.domain.rollout.reading import Reading
from headgate.domain.traffic import NOTHING_COUNTED, Counters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.domain.rollout.reading import Mark
    from headgate.ports import Clock


class MemoryMeasurements:
    """The port `MetricSource`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counted: dict[str, Counters] = {}
        self.failure: HeadgateError | None = None

    def serve(self, version: str, *statuses: int) -> None:
        """Count requests, now."""
        before = self._counted.get(version, NOTHING_COUNTED)
        errors = sum(status >= 500 for status in statuses)
        self._counted[version] = Counters(before.requests + len(statuses), 0, before.errors + errors, {})

    def fail(self) -> None:
        """Answer no more."""
        self.failure = PlatformUnreachable("The measurements cannot be reached.")

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        counted = {version: self._counted.get(version, NOTHING_COUNTED).mark() for version in versions}
        return {"source": "memory", "at": self._clock.now().isoformat(), "counters": counted}

    def since(self, script: str, mark: Mark) -> Reading:
        if self.failure is not None:
            raise self.failure
        counted = {
            version: self._counted.get(version, NOTHING_COUNTED).since(Counters.from_mark(before))
            for version, before in mark["counters"].items()
        }
        return Reading(self._clock.now(), counted)
