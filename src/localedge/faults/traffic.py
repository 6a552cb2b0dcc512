"""Versions that are slow or fail without a new upload, so that smoke tests and watches can be tried."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, Conflict, Invalid
from localedge.runtime.errors import VersionNotUp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

KNOWN = frozenset({"script", "version", "delay_ms", "status", "exception", "probability"})
DELAY_MS_MAX = 60_000


def read_disturbance(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a version is to do: wait, answer with a status, or end in an exception; `Invalid` if neither."""
    if unknown := sorted(body.keys() - KNOWN):
        raise Invalid(CODE_MALFORMED, f"there is no {unknown[0]}; there are {', '.join(sorted(KNOWN))}")
    found = {
        "delay_ms": _number(body, "delay_ms", 0, 0, DELAY_MS_MAX),
        "status": int(_number(body, "status", 0, 0, 599)),
        "exception": body.get("exception") is True,
        "probability": _number(body, "probability", 1, 0, 1),
    }
    if found["status"] and found["status"] < 200:
        raise Invalid(CODE_MALFORMED, "status has to be from 200 to 599")
    if not (found["delay_ms"] or found["status"] or found["exception"]):
        raise Invalid(CODE_MALFORMED, "name a delay_ms, a status, or exception: true")
    return found


class TrafficFaults:
    """Which versions are disturbed. Each gets a new process for that, and another when it is lifted."""

    def __init__(self, disturb: Callable[[str, Mapping[str, Any] | None], Awaitable[None]]) -> None:
        self._disturb = disturb
        self._disturbed: dict[str, Mapping[str, Any]] = {}

    async def set(self, version_ids: tuple[str, ...], disturbance: Mapping[str, Any]) -> None:
        """Disturb these versions. `Conflict` when one of them is not up."""
        for version_id in version_ids:
            try:
                await self._disturb(version_id, disturbance)
            except VersionNotUp as error:
                raise Conflict(CODE_MALFORMED, f"version {version_id} is not up; deploy it first") from error
            self._disturbed[version_id] = disturbance

    async def lift(self) -> None:
        """Let all versions be as they are."""
        while self._disturbed:
            version_id, _ = self._disturbed.popitem()
            with contextlib.suppress(VersionNotUp):  # retired meanwhile
                await self._disturb(version_id, None)

    def show(self) -> list[dict[str, Any]]:
        return [{"version": version_id, **what} for version_id, what in self._disturbed.items()]


def _number(body: Mapping[str, Any], name: str, default: float, lowest: float, highest: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a number from {lowest:g} to {highest:g}")
    return value
