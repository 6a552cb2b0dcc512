"""docs/concepts/local-edge.md lists exactly the endpoints that the local edge has."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import Route, WebSocketRoute

from localedge.app import offered_routes
from localedge.edge import Addresses, Edge
from localedge.resources import ACCOUNT, ROOT, absent
from localedge.runtime import Runtime
from localedge.state.blobs import Blobs
from localedge.state.model import Identity
from localedge.state.namespaces import NamespaceTable
from localedge.state.workers import WorkerTable
from localedge.tails import Tails
from localedge.workers.processes import Processes
from localedge.workers.releases import Releases

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

PAGE = (Path(__file__).parents[2] / "docs/concepts/local-edge.md").read_text()


def idle_edge(folder: Path, database: sqlite3.Connection) -> Edge:
    """An edge that was never started: enough to ask it for its routes."""
    runtime, blobs = Runtime(folder / "runtime"), Blobs(folder / "blobs")
    table, namespaces = WorkerTable(database), NamespaceTable(database)
    return Edge(
        identity=Identity(account_id="a", user_id="u", token="t"),
        addresses=Addresses("http://127.0.0.1:1", "http://127.0.0.1:2"),
        workers=table,
        namespaces=namespaces,
        releases=Releases(table, namespaces, blobs, Processes(runtime, blobs)),
        runtime=runtime,
        tails=Tails(),
    )


def endpoints(route: BaseRoute) -> set[tuple[str, str]]:
    """Methods and paths of a route, as the page writes them."""
    if isinstance(route, WebSocketRoute):
        return {("WebSocket", _written(route.path))}
    assert isinstance(route, Route)
    return {(method, _written(route.path)) for method in route.methods or () if method != "HEAD"}


def _written(path: str) -> str:
    path = path.removeprefix(f"{ACCOUNT}/workers/").removeprefix(f"{ACCOUNT}/storage/").removeprefix(ROOT)
    return path.replace(":path}", "}")


def test_the_page_lists_the_endpoints_that_there_are(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        routes = offered_routes(idle_edge(tmp_path, database))
    there = set().union(*(endpoints(route) for route in routes))
    rows = re.findall(r"^\| ((?:[A-Z]+|WebSocket)(?:, [A-Z]+)*) \| `([^`]+)` \|", PAGE, re.MULTILINE)
    listed = {(method, path) for methods, path in rows for method in methods.split(", ")}
    assert listed == there


def test_the_page_names_what_is_not_there() -> None:
    for name in absent.ABSENT_IN_ACCOUNT:
        assert f"`{name}`" in PAGE, name
