"""Which client got through which endpoint, read from the edge's log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.routing import compile_path

from localedge.app import told_endpoints
from localedge.coverage import Client
from localedge.instance import LOG
from localedge.resources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localedge.coverage import Endpoint

AGENTS = (
    ("wrangler/", Client.WRANGLER),
    ("undici", Client.WRANGLER),  # files of D1, which it sends without its name
    ("Cloudflare/Python", Client.PYTHON_SDK),
    ("Cloudflare/JS", Client.TYPESCRIPT_SDK),
    ("object_store/", Client.OBSTORE),
)
REFUSED = {("POST", f"{ROOT}/graphql", Client.WRANGLER)}
"""`wrangler d1 info` asks for analytics of D1; that there are none is said with status 200, as in GraphQL."""
LINE = re.compile(r"(?P<method>[A-Z]+|WebSocket) (?P<path>/.*) (?P<status>\d{3}) [\d.]+ ms (?P<agent>\S+)$")


def seen(folder: Path) -> set[tuple[str, str, Client]]:
    """Method, path as the route has it, and client, of every request that the edge answered with success."""
    patterns = [(endpoint, compile_path(endpoint.path)[0]) for endpoint in told_endpoints()]
    found = {
        (endpoint.method, endpoint.path, client)
        for method, path, client in successes(folder)
        if (endpoint := _endpoint(patterns, method, path)) is not None
    }
    return found - REFUSED


def claimed() -> set[tuple[str, str, Client]]:
    """The same, as the resources tell it."""
    return {
        (endpoint.method, endpoint.path, client) for endpoint in told_endpoints() for client in endpoint.by
    }


def successes(folder: Path) -> Iterator[tuple[str, str, Client]]:
    """Method, path and client of every request that went well."""
    log = folder / LOG
    for file in sorted(log.parent.glob(f"{log.name}*")):
        for line in file.read_text(encoding="utf-8").splitlines():
            found = LINE.search(line)
            if found is None or int(found["status"]) >= 400:
                continue
            client = next((who for start, who in AGENTS if found["agent"].startswith(start)), None)
            if client is not None:
                yield found["method"], found["path"], client


def _endpoint(patterns: list[tuple[Endpoint, re.Pattern[str]]], method: str, path: str) -> Endpoint | None:
    """The first endpoint that takes a request, as the edge tries them."""
    return next(
        (
            endpoint
            for endpoint, pattern in patterns
            if endpoint.method == method and pattern.match(path) is not None
        ),
        None,
    )
