"""Who listens to which Worker's trace events. Tracing costs speed, so a version is traced only meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from localedge.runtime.errors import StartupFailed, TooManyVersions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localedge.runtime.hosts.hosts import Hosts
    from localedge.runtime.trace import Event, Publish
    from localedge.runtime.versions import Versions

EVENTS_MAX = 1000

log = logging.getLogger(__name__)


class TailQueue(asyncio.Queue["Event"]):
    """Events for one listener. When it reads too slowly the oldest go, and are counted in `dropped`."""

    def __init__(self) -> None:
        super().__init__(EVENTS_MAX)
        self.dropped = 0

    def offer(self, event: Event) -> None:
        if self.full():
            self.get_nowait()
            self.dropped += 1
        self.put_nowait(event)


class Tails:
    """The listeners, and one task a script that has the versions traced or not, as the listeners want."""

    def __init__(self, versions: Versions, hosts: Hosts) -> None:
        self._versions = versions
        self._hosts = hosts
        self._queues: dict[str, set[TailQueue]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped = False

    def publisher(self, script: str) -> Publish | None:
        """Where a version of this script sends its events; None while nobody listens."""
        return self._publish if script in self._queues else None

    @contextlib.contextmanager
    def listen(self, script: str) -> Iterator[TailQueue]:
        """Events from about 0.1 s after this begins; each version gets a new process first."""
        queue = TailQueue()
        self._queues.setdefault(script, set()).add(queue)
        self.settle(script)
        try:
            yield queue
        finally:
            self._queues[script].discard(queue)
            if not self._queues[script]:
                del self._queues[script]
            self.settle(script)

    async def stop(self) -> None:
        self._stopped = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _publish(self, event: Event) -> None:
        for queue in self._queues.get(event["scriptName"], ()):
            queue.offer(event)

    def settle(self, script: str) -> None:
        """See to it that the versions of this script are traced, or not, as the listeners want."""
        if script not in self._tasks and not self._stopped:
            self._tasks[script] = asyncio.create_task(self._follow(script))

    async def _follow(self, script: str) -> None:
        """Bring the versions to what the listeners want, until both agree."""
        try:
            await self._hosts.trace(script, self.publisher(script))
            while wrong := [
                version for version in self._versions.of(script) if version.traced != (script in self._queues)
            ]:
                await self._versions.trace(wrong[0].spec.version_id, self.publisher(script))
        except (StartupFailed, TooManyVersions, OSError) as error:
            log.warning("the trace events of %s cannot be switched: %s", script, error)
        finally:
            del self._tasks[script]
