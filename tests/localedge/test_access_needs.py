"""Every endpoint asks a token for something: none was forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localedge.access.groups import BY_ID, BY_NAME, GROUPS
from localedge.access.needs import NEEDS, need_of
from localedge.app import told_endpoints
from localedge.resources import ROOT

if TYPE_CHECKING:
    from localedge.coverage import Endpoint

IN_THE_API = [endpoint for endpoint in told_endpoints() if endpoint.path.startswith(f"{ROOT}/")]
HTTP = [endpoint for endpoint in IN_THE_API if endpoint.method != "WebSocket"]


@pytest.mark.parametrize("endpoint", HTTP, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_endpoint_asks_for_something(endpoint: Endpoint) -> None:
    method, path = endpoint.method, endpoint.path.removeprefix(f"{ROOT}/")
    need = need_of(method, path)
    assert need is not None, "add an entry to localedge/access/needs.py: what may a token do here?"
    groups = need.groups(method)
    assert groups is None or groups, "no token opens this; add an entry for this method"


def test_every_group_that_is_asked_for_is_there() -> None:
    named = {name for need in NEEDS for groups in (need.read, need.write) for name in groups or ()}
    assert named <= BY_NAME.keys()
    assert len(BY_ID) == len(GROUPS)


@pytest.mark.parametrize(
    ("method", "path", "group", "enough"),
    [
        ("GET", "accounts/a/workers/scripts/shop/deployments", "Workers Scripts Read", True),
        ("POST", "accounts/a/workers/scripts/shop/deployments", "Workers Scripts Read", False),
        ("POST", "accounts/a/workers/scripts/shop/tails", "Workers Tail Read", True),
        ("POST", "accounts/a/storage/kv/namespaces/n/bulk/get", "Workers KV Storage Read", True),
        ("PUT", "accounts/a/storage/kv/namespaces/n/bulk", "Workers KV Storage Read", False),
        ("POST", "accounts/a/d1/database/d/query", "D1 Read", True),
        ("POST", "accounts/a/d1/database", "D1 Read", False),
        ("GET", "zones/z/workers/routes", "Workers Routes Read", True),
        ("GET", "zones", "Workers Routes Write", True),
        ("POST", "zones", "Workers Routes Write", False),
        ("DELETE", "accounts/a/workers/scripts/shop", "Individual Workers Editor", False),
        ("DELETE", "accounts/a/workers/scripts/shop/deployments/d", "Individual Workers Editor", True),
        ("GET", "accounts/a/workers/scripts/shop", "Individual Workers Metadata Read-Only", False),
        ("GET", "accounts/a/workers/subdomain", "Individual Workers Admin", False),
    ],
)
def test_what_is_enough(method: str, path: str, group: str, enough: bool) -> None:
    need = need_of(method, path)
    assert need is not None
    assert (group in (need.groups(method) or ())) is enough


def test_a_path_that_nobody_thought_of_is_open_to_no_token() -> None:
    assert need_of("GET", "accounts/a/billing") is None
    assert need_of("GET", "certificates") is None
