"""What is done every now and then while the edge runs: logs are kept within their bounds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from localedge.runtime.logs import forget_oldest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from localedge.runtime.supervisor import Supervised

EVERY_SECONDS = 15.0


@contextlib.asynccontextmanager
async def keep_house(logs: Path, processes: Callable[[], Iterable[Supervised]]) -> AsyncIterator[None]:
    """Until the end of the block."""
    task = asyncio.create_task(_every_now_and_then(logs, processes))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _every_now_and_then(logs: Path, processes: Callable[[], Iterable[Supervised]]) -> None:
    while True:
        forget_oldest(logs)
        for process in processes():
            process.bound_log()
        await asyncio.sleep(EVERY_SECONDS)
