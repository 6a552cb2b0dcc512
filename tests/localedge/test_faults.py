"""A disk that is full, a blob that is gone: what is told, and that what serves goes on serving."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from localedge.app import build_app
from localedge.assembly import SCHEMAS
from localedge.server import listen, running_edge
from localedge.state.database import open_database
from tests.localedge.client import ES_MODULE, RunningEdge

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localedge.edge import Edge


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextlib.asynccontextmanager
async def client_of(edge: Edge) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an edge that runs in this process."""
    transport = httpx2.ASGITransport(build_app(edge))
    base = f"{edge.addresses.api_url}/accounts/{edge.identity.account_id}"
    headers = {"Authorization": f"Bearer {edge.identity.token}"}
    async with httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        yield client


@contextlib.asynccontextmanager
async def edge_here(folder: Path) -> AsyncIterator[tuple[Edge, sqlite3.Connection]]:
    """An edge in this process, so that its database can be made to fail."""
    with (
        contextlib.closing(open_database(folder / "state.sqlite", SCHEMAS)) as database,
        listen(0, 0) as listener,
    ):
        async with running_edge(folder, database, listener, traffic_port=0) as edge:
            yield edge, database


def says(text: str, *, large: bool = False) -> dict[str, Any]:
    """The form of a Worker; a large one needs more pages in the database than are left on a full disk."""
    code = f"export default {{ fetch() {{ return new Response({json.dumps(text)}); }} }};"
    bindings = [{"name": "LARGE", "type": "json", "json": "x" * 100_000}] if large else []
    metadata = json.dumps({"main_module": "index.js", "bindings": bindings})
    return {"files": {"metadata": (None, metadata), "index.js": ("index.js", code, ES_MODULE)}}


async def answer_of(edge: Edge, script: str) -> str:
    async with httpx2.AsyncClient() as visitor:
        response = await visitor.get(edge.addresses.traffic_url, headers={"Host": f"{script}.localhost"})
    return response.text


def fill_the_disk(database: sqlite3.Connection) -> None:
    """No page more than there is: SQLite then says what it says on a full disk."""
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.anyio
async def test_on_a_full_disk_nothing_changes_and_it_is_told(tmp_path: Path, anyio_backend: str) -> None:
    async with edge_here(tmp_path) as (edge, database), client_of(edge) as client:
        await client.put("/workers/scripts/shop", **says("before"))
        fill_the_disk(database)
        refused = await client.put("/workers/scripts/shop", **says("after", large=True))
        assert refused.status_code == 500
        assert "database or disk is full" in refused.json()["errors"][0]["message"]
        assert await answer_of(edge, "shop") == "before"
        assert len((await client.get("/workers/scripts/shop/versions")).json()["result"]["items"]) == 1

        database.execute("PRAGMA max_page_count = 100000")
        assert (await client.put("/workers/scripts/shop", **says("after", large=True))).is_success
        assert await answer_of(edge, "shop") == "after"


@pytest.mark.anyio
async def test_a_deployment_that_cannot_be_remembered_is_taken_back(
    tmp_path: Path, anyio_backend: str
) -> None:
    async with edge_here(tmp_path) as (edge, database), client_of(edge) as client:
        old = (await client.put("/workers/scripts/shop", **says("old"))).json()["result"]["version_id"]
        made = await client.post("/workers/scripts/shop/versions", **says("new"))
        shares = [{"version_id": made.json()["result"]["id"], "percentage": 100}]
        database.execute("PRAGMA query_only = ON")
        refused = await client.post("/workers/scripts/shop/deployments", json={"versions": shares})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (500, 10002)
        assert await answer_of(edge, "shop") == "old"
        database.execute("PRAGMA query_only = OFF")
        [deployment] = (await client.get("/workers/scripts/shop/deployments")).json()["result"]["deployments"]
        assert deployment["versions"] == [{"version_id": old, "percentage": 100}]
        assert (await client.post("/workers/scripts/shop/deployments", json={"versions": shares})).is_success
        assert await answer_of(edge, "shop") == "new"


def test_a_worker_whose_code_is_gone_does_not_keep_the_others_down(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    edge.deploy("lost", "lost code")
    edge.deploy("shop", "still here")
    edge.stop()
    [lost] = [blob for blob in (edge.folder / "blobs").iterdir() if b"lost code" in blob.read_bytes()]
    lost.unlink()
    again = RunningEdge(edge.folder).start()
    try:
        assert again.visit("shop").json()["says"] == "still here"
        assert again.visit("lost").status_code == 404
        assert "Worker lost does not serve" in (edge.folder / "logs/edge.log").read_text()
        again.deploy("lost", "found again")
        assert again.visit("lost").json()["says"] == "found again"
    finally:
        again.stop()
