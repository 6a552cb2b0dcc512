"""Stands in where no counters can be had yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from headgate.domain.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.domain.rollout.reading import Mark


class UnavailableMetrics:
    """The platform's analytics are not read yet; a release that cannot be watched must not pass unseen."""

    def begin(self, script: str, versions: Sequence[str]) -> NoReturn:
        raise _unavailable(script)

    def since(self, script: str, mark: Mark) -> NoReturn:
        raise _unavailable(script)


def _unavailable(script: str) -> PlatformError:
    return PlatformError(
        "Headgate cannot read error rates and latency from the platform yet.",
        where=f"Workers analytics of {script}",
        remedy="Until it can, only releases to the local edge can be watched.",
    )
