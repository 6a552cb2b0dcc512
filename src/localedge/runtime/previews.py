"""Versions outside every split, woken by a request to their preview address; when it is quiet they sleep."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from localedge.runtime.router import Router
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.trace import Publish
    from localedge.runtime.versions import Versions

    Find = Callable[[str], VersionSpec | None]

AWAKE_SECONDS = 300.0
"""So long after its last request a version stays awake."""
AWAKE_MAX = 16
"""So many are awake at a time, for their preview alone; one more puts the quietest to sleep."""
LOOK_EVERY_SECONDS = 15.0

log = logging.getLogger(__name__)


class _Awake:
    """Since when a version was seen to answer no more requests than `answered`."""

    def __init__(self) -> None:
        self.answered = 0
        self.quiet_since = time.monotonic()


class Previews:
    """`find` tells, from the label of a preview address, which version it is for."""

    def __init__(
        self, versions: Versions, router: Router, publisher: Callable[[str], Publish | None]
    ) -> None:
        self._versions = versions
        self._router = router
        self._publisher = publisher
        self._find: Find = _nothing
        self._awake: dict[str, _Awake] = {}
        self._crowded = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    def use(self, find: Find) -> None:
        self._find = find

    def start(self) -> None:
        self._watch = asyncio.create_task(self._put_quiet_ones_to_sleep(), name="watch previews")

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    async def wake(self, label: str) -> bool:
        """Have the router send a label's requests to its version, started if need be; False if it has none.

        `StartupFailed`, `UnsupportedBinding`, `TooManyVersions`, or `OSError` when its code cannot be read.
        """
        spec = self._find(label)
        if spec is None:
            return False
        self._awake.setdefault(spec.version_id, _Awake()).quiet_since = time.monotonic()
        if len(self._awake) > AWAKE_MAX:
            self._crowded.set()
        if not await self._versions.show(spec, self._publisher(spec.script), label):
            self._awake.pop(spec.version_id, None)
        return True

    async def _put_quiet_ones_to_sleep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._crowded.wait(), LOOK_EVERY_SECONDS)
            try:
                if self._crowded.is_set():
                    self._crowded.clear()
                    await self._sleep_beyond(AWAKE_MAX)
                elif self._awake:
                    await self._note_requests()
                    await self._sleep_since(time.monotonic() - AWAKE_SECONDS)
            except ConnectionError as error:
                log.warning("previews stay awake for now: %s", error)

    async def _note_requests(self) -> None:
        """Counters only grow, so a version whose counter has not grown has been quiet."""
        ledger, inflight = await self._router.report()
        busy = {version.spec.version_id for version in self._versions.up if _at(inflight, version.slot)}
        for counters in ledger.read({}):
            awake = self._awake.get(counters.version_id)
            answered = counters.requests + counters.unanswered
            if awake is not None and (answered != awake.answered or counters.version_id in busy):
                awake.answered, awake.quiet_since = answered, time.monotonic()

    async def _sleep_since(self, quiet_since: float) -> None:
        for version_id in [name for name, awake in self._awake.items() if awake.quiet_since <= quiet_since]:
            await self._sleep(version_id)

    async def _sleep_beyond(self, most: int) -> None:
        quietest = sorted(self._awake, key=lambda version_id: self._awake[version_id].quiet_since)
        for version_id in quietest[: max(0, len(quietest) - most)]:
            await self._sleep(version_id)

    async def _sleep(self, version_id: str) -> None:
        self._awake.pop(version_id, None)
        await self._versions.sleep(version_id)


def _nothing(label: str) -> VersionSpec | None:
    del label
    return None


def _at(inflight: list[int | None], slot: int) -> bool:
    return slot < len(inflight) and bool(inflight[slot])
