"""A clock that moves only when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 14, 9, 26, 53, 589_000, tzinfo=UTC)


class FixedClock:
    """The Clock port. Sleeping takes no time and moves it on."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._elapsed_seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed_seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed_seconds += seconds
        self._now += timedelta(seconds=seconds)

    def set_back(self, seconds: float) -> None:
        """Put the time of day back, as a machine's clock may be; measured time goes on."""
        self._now -= timedelta(seconds=seconds)
