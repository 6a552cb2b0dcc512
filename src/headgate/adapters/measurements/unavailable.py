"""Stands in where no counters can be had yet."""

from __future__ import annotations

from typing import NoReturn

from headgate.domain.errors import PlatformError


class UnavailableMetrics:
    """The platform's analytics are not read yet; a release that cannot be watched must not pass unseen."""

    def counters(self, script: str) -> NoReturn:
        raise PlatformError(
            "Headgate cannot read error rates and latency from the platform yet.",
            where=f"Workers analytics of {script}",
            remedy="Until it can, only releases to the local edge can be watched.",
        )
