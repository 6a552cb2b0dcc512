"""Events for a Worker go to one of the versions that serve, by chance and in proportion to their shares."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from localedge.runtime import NothingServes, VersionNotUp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.runtime import BatchResult, EventMessage, Runtime
    from localedge.state.workers import WorkerTable

TRIES = 3


class Ran(NamedTuple):
    """Which version ran, and how it ended: `ok`, `exception`, ..."""

    version_id: str
    outcome: str


class Dispatch:
    """`NothingServes` when there is no version, `EventBroken` when its process broke the event off."""

    def __init__(self, table: WorkerTable, runtime: Runtime) -> None:
        self._table = table
        self._runtime = runtime

    async def scheduled(self, script: str, cron: str, scheduled_ms: int) -> Ran:
        """A cron's time has come."""
        for _ in range(TRIES):
            version_id = self._picked(script)
            try:
                return Ran(version_id, await self._runtime.scheduled(version_id, cron, scheduled_ms))
            except VersionNotUp:
                continue  # the deployment has changed just now
        raise NothingServes(script)

    async def deliver(
        self, script: str, queue: str, messages: Sequence[EventMessage], metrics: Mapping[str, int]
    ) -> BatchResult:
        """A batch of a queue."""
        for _ in range(TRIES):
            try:
                return await self._runtime.deliver(self._picked(script), queue, messages, metrics)
            except VersionNotUp:
                continue
        raise NothingServes(script)

    def _picked(self, script: str) -> str:
        deployment = self._table.current_deployment(script)
        if deployment is None:
            raise NothingServes(script)
        weights = [share.percentage for share in deployment.shares]
        # Not a secret: any fair choice will do.
        return random.choices(deployment.version_ids, weights)[0]  # noqa: S311
