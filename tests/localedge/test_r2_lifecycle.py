"""Which objects a lifecycle rule lets expire, and the sweep that deletes them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from localedge.products import PRODUCTS
from localedge.r2 import table
from localedge.r2.lifecycle import expired_before_ms, sweep
from localedge.r2.store import R2Store
from localedge.r2.table import Bucket, BucketTable
from localedge.runtime import Runtime
from localedge.state.database import open_database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def rule(condition: dict[str, Any] | None, *, enabled: bool = True) -> dict[str, Any]:
    kept = {"id": "one", "enabled": enabled, "conditions": {"prefix": "old/"}}
    return kept if condition is None else {**kept, "deleteObjectsTransition": {"condition": condition}}


@pytest.mark.parametrize(
    ("wanted", "before_ms"),
    [
        (rule({"type": "Age", "maxAge": 60}), NOW_MS - 60_000),
        (rule({"type": "Age", "maxAge": 60}, enabled=False), None),
        (rule({"type": "Date", "date": "2026-05-31"}), NOW_MS),
        (rule({"type": "Date", "date": "2026-06-01T00:00:01Z"}), None),
        (rule(None), None),
    ],
)
def test_what_a_rule_lets_expire(wanted: dict[str, Any], before_ms: int | None) -> None:
    assert expired_before_ms(wanted, NOW) == before_ms


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def one_byte() -> AsyncIterator[bytes]:
    yield b"x"


@pytest.mark.e2e
@pytest.mark.anyio
async def test_the_sweep_deletes_what_is_old_under_the_prefix(tmp_path: Path, anyio_backend: str) -> None:
    database: sqlite3.Connection = open_database(tmp_path / "state.sqlite", (table.SCHEMA,))
    runtime = Runtime(tmp_path / "edge", PRODUCTS)
    await runtime.start()
    try:
        buckets, store = BucketTable(database), R2Store(runtime.storage)
        rules = (rule({"type": "Age", "maxAge": 3600}),)
        buckets.add(Bucket("shop", "default", "2026-01-01T00:00:00Z", "enam", "Standard", lifecycle=rules))
        for key in ("old/a", "old/b", "other"):
            await store.put("shop", key, one_byte(), 1)
        now = datetime.datetime.now(datetime.UTC)
        assert await sweep(buckets, store, now) == 0
        assert await sweep(buckets, store, now + datetime.timedelta(hours=2)) == 2
        assert [found.key for found in (await store.list("shop")).objects] == ["other"]
        assert await store.usage("shop") == (1, 1)
    finally:
        await runtime.stop()
        database.close()
