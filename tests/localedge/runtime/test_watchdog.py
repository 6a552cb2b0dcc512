"""A query that never ends: what is stored elsewhere is served meanwhile, and the databases come back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from localedge.d1.store import D1Store, Statement
from localedge.errors import Invalid
from localedge.kv.store import KvStore, KvValue
from localedge.runtime import watchdog
from tests.localedge.runtime.workers import KV, version

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

LIMIT_SECONDS = 4.0
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
ASKS = """
export default {
  async fetch(request, env) {
    const sql = await request.text();
    try {
      return Response.json((await env.DB.prepare(sql).all()).results);
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};
"""
DATABASE = {"type": "d1", "name": "DB", "id": "endless"}


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "ANSWER_SECONDS", LIMIT_SECONDS)
    monkeypatch.setattr(watchdog, "EVERY_SECONDS", 0.1)


async def test_a_query_of_a_worker_that_never_ends_is_ended(
    short_limit: None, runtime: Runtime, shop: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await runtime.start_version(version("only", ASKS, bindings=(KV, DATABASE)))
    await runtime.set_splits({"shop": {"only": 100}})
    await shop.post("/", content="CREATE TABLE kept (a)")
    with caplog.at_level(logging.WARNING):
        endless = asyncio.create_task(shop.post("/", content=ENDLESS))
        await asyncio.sleep(0.5)
        kv = KvStore(runtime.storage)
        await kv.put("ns", "key", b"value")
        assert await kv.get("ns", "key") == KvValue(b"value")
        assert not endless.done()
        answer = await endless
    assert "D1 DB exceeded its CPU time limit and was reset" in answer.text
    assert "process databases answered nothing for 4 s; killing it" in caplog.text
    assert (await shop.post("/", content="SELECT name FROM sqlite_master WHERE name = 'kept'")).json() == [
        {"name": "kept"}
    ]
    restarts = {status.name: status.restarts for status in runtime.processes()}
    assert restarts["databases"] == 1
    assert restarts["storage"] == 0


async def test_a_query_of_the_control_plane_that_never_ends_is_ended(
    short_limit: None, runtime: Runtime
) -> None:
    store = D1Store(runtime.databases)
    with pytest.raises(Invalid, match="exceeded its CPU time limit") as refused:
        await store.query("endless", [Statement(ENDLESS)])
    assert refused.value.code == 7429
    assert (await store.query("other", [Statement("SELECT 1 AS one")]))[0]["results"] == [{"one": 1}]
