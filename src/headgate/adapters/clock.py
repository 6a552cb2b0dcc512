"""Time and names for new things, from the machine."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.ports import Clock

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without i, l, o and u, which are easily misread or spell things."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class TimedIds:
    """Names such as `20261123-121530-x7f2`: the second in UTC, and chance for two within one second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def change_id(self) -> str:
        chance = "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(4))
        return f"{self._clock.now():%Y%m%d-%H%M%S}-{chance}"
