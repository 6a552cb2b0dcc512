"""What the local edge tells of its endpoints is what it has, and its page says just that."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from starlette.routing import Route, WebSocketRoute

from localedge.app import offered_routes, told_endpoints
from localedge.assembly import SCHEMAS, assemble
from localedge.edge import Addresses
from localedge.products import PRODUCTS
from localedge.runtime import Runtime
from localedge.state.database import open_database
from tools import coverage_page

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.routing import BaseRoute


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def endpoints(route: BaseRoute) -> set[tuple[str, str]]:
    """Methods and paths of a route."""
    if isinstance(route, WebSocketRoute):
        return {("WebSocket", route.path)}
    assert isinstance(route, Route)
    return {(method, route.path) for method in route.methods or () if method != "HEAD"}


@pytest.mark.anyio
async def test_the_endpoints_that_are_told_are_those_that_there_are(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / "runtime", PRODUCTS)
    await runtime.start()
    try:
        with closing(open_database(tmp_path / "state.sqlite", SCHEMAS)) as database:
            edge = assemble(tmp_path, database, runtime, Addresses("http://127.0.0.1:1", runtime.traffic_url))
            there = set().union(*(endpoints(route) for route in offered_routes(edge)))
    finally:
        await runtime.stop()
    told = [(endpoint.method, endpoint.path) for endpoint in told_endpoints()]
    assert sorted(told) == sorted(there)


def test_the_page_is_up_to_date() -> None:
    assert coverage_page.PAGE.read_text(encoding="utf-8") == coverage_page.page(), (
        "run .venv/bin/python -m tools.coverage_page"
    )
