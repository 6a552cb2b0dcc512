"""How often the API may be called: so many requests in so many seconds, of all tokens together.

As on the platform (https://developers.cloudflare.com/fundamentals/api/reference/limits/): who goes over it
is refused for as long as a window lasts.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.errors import CODE_THROTTLED, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 1200
WINDOW_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Quota:
    """What is allowed."""

    requests: int = REQUESTS
    window_seconds: float = WINDOW_SECONDS


class RateLimit:
    """Counts in fixed windows, the first of which begins with the first request. Off without a quota."""

    def __init__(self, quota: Quota | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.set(quota)

    def set(self, quota: Quota | None) -> None:
        """Count by this quota from now on."""
        self.quota = quota
        self._taken = 0
        self._ends = -math.inf

    def take(self) -> None:
        """Count one request; `Throttled` when it is one too many."""
        if self.quota is None:
            return
        now = self._clock()
        if now >= self._ends:
            self._taken, self._ends = 0, now + self.quota.window_seconds
        self._taken += 1
        if self._taken == self.quota.requests + 1:
            self._ends = now + self.quota.window_seconds
        if self._taken > self.quota.requests:
            raise Throttled(CODE_THROTTLED, self._message(self.quota), headers=self._retry())

    def headers(self) -> dict[str, str]:
        """What every answer tells of the limit."""
        if self.quota is None:
            return {}
        left = max(self.quota.requests - self._taken, 0)
        return {
            "ratelimit": f'"default";r={left};t={self._seconds_left()}',
            "ratelimit-policy": f'"default";q={self.quota.requests};w={math.ceil(self.quota.window_seconds)}',
        }

    def _retry(self) -> dict[str, str]:
        return {"retry-after": str(self._seconds_left())}

    def _seconds_left(self) -> int:
        return max(math.ceil(self._ends - self._clock()), 0) if math.isfinite(self._ends) else 0

    @staticmethod
    def _message(quota: Quota) -> str:
        return (
            f"More than {quota.requests} requests per {quota.window_seconds:g} seconds reached."
            " Please wait and consider throttling your request speed"
        )
