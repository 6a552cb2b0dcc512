"""A runtime of its own for each test, and a client that visits its Workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from localedge.kv.store import KvStore
from localedge.products import PRODUCTS
from localedge.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def runtime(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Runtime]:
    running = Runtime(tmp_path / "edge", PRODUCTS)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@pytest.fixture
def kv(runtime: Runtime) -> KvStore:
    """KV as the control plane sees it."""
    return KvStore(runtime.storage)


@pytest.fixture
async def shop(runtime: Runtime) -> AsyncIterator[httpx2.AsyncClient]:
    """Visits the Worker `shop`."""
    headers = {"host": "shop.localhost"}
    async with httpx2.AsyncClient(base_url=runtime.traffic_url, headers=headers, timeout=20) as client:
        yield client
