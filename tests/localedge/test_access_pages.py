"""Every list of the API can be walked to its end, page by page, and past it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localedge.app import told_endpoints
from localedge.resources import ROOT

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge

PAGES_MAX = 60
WHOLE = {
    "/accounts/{account}/workers/scripts",
    "/accounts/{account}/workers/scripts/{script}/references",
    "/accounts/{account}/workers/scripts/{script}/routes",
    "/accounts/{account}/workers/scripts/{script}/schedules",
    "/accounts/{account}/workers/scripts/{script}/secrets",
    "/accounts/{account}/workers/scripts/{script}/tails",
    "/accounts/{account}/workers/domains",
    "/accounts/{account}/workers/domains/records",
    "/accounts/{account}/queues/{queue}/consumers",
    "/accounts/{account}/r2/buckets/{bucket}/lifecycle",
    "/accounts/{account}/r2/buckets/{bucket}/domains/custom",
    "/zones/{zone}/workers/routes",
}
"""Lists that the platform answers whole, without pages."""

COLLECTIONS = sorted(
    path
    for endpoint in told_endpoints()
    if endpoint.method == "GET" and (path := endpoint.path.removeprefix(ROOT)) != endpoint.path
    if not path.endswith("}")
)


@pytest.fixture(scope="module")
def named(edge: RunningEdge) -> dict[str, str]:
    """Something of each kind, with three things of each kind in it."""
    for says in ("one", "two", "three"):
        edge.deploy("paged", says)
    namespace, *_ = [made(edge, "/storage/kv/namespaces", title=f"paged {n}")["id"] for n in range(3)]
    for key in ("a", "b", "c"):
        edge.raw("PUT", f"/storage/kv/namespaces/{namespace}/values/{key}", content=b"v")
    for name in ("paged-a", "paged-b", "paged-c"):
        made(edge, "/r2/buckets", name=name)
        edge.raw("PUT", f"/r2/buckets/paged-a/objects/{name}", content=b"v")
    database, *_ = [made(edge, "/d1/database", name=f"paged-{n}")["uuid"] for n in range(3)]
    queue, *_ = [made(edge, "/queues", queue_name=f"paged-{n}")["queue_id"] for n in range(3)]
    zone = made(edge, f"{edge.told['api_url']}/zones", name="paged.localhost")["id"]
    return {
        "account": edge.told["account_id"],
        "script": "paged",
        "namespace": namespace,
        "bucket": "paged-a",
        "database": database,
        "queue": queue,
        "zone": zone,
    }


def made(edge: RunningEdge, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = edge.api("POST", path, json=body)
    assert answer.status == 200, answer
    result: dict[str, Any] = answer.result
    return result


def items_of(answer: Answer) -> list[Any] | None:
    """The items, where an answer is a list: the result itself, or the one list in it."""
    if isinstance(answer.result, list):
        return answer.result
    lists = [value for value in (answer.result or {}).values() if isinstance(value, list)]
    return (
        lists[0] if isinstance(answer.result, dict) and len(lists) == 1 and len(answer.result) == 1 else None
    )


def walked(edge: RunningEdge, url: str) -> list[Any]:
    """All items, one a page."""
    found: list[Any] = []
    query = "per_page=1&limit=1&page=1"
    for number in range(2, PAGES_MAX):
        answer = edge.api("GET", f"{url}?{query}")
        assert answer.status == 200, answer
        items = items_of(answer) or []
        assert len(items) <= 1, "per_page=1 or limit=1 was not heeded"
        found += items
        cursor = answer.info.get("cursor") or (answer.info.get("cursors") or {}).get("after")
        if not cursor and (not items or "page" not in answer.info):
            return found
        query = f"per_page=1&limit=1&cursor={cursor}" if cursor else f"per_page=1&page={number}"
    pytest.fail(f"{url} has no last page")


@pytest.mark.parametrize("path", COLLECTIONS)
def test_every_list_ends(edge: RunningEdge, named: dict[str, str], path: str) -> None:
    try:
        url = f"{edge.told['api_url']}{path.format(**named)}"
    except KeyError:
        pytest.skip("needs something that is made by a Worker")
    response = edge.raw("GET", url)
    if "json" not in response.headers.get("content-type", ""):
        return
    answer = edge.api("GET", url) if response.json()["messages"] == [] else None
    whole = items_of(answer) if answer is not None else None
    if answer is None or whole is None or (path in WHOLE and "page" not in answer.info):
        return
    assert answer.info, (
        f"{path} is a list without pages: give it some, or add it to WHOLE if the platform has none"
    )
    key = lambda item: json.dumps(item, sort_keys=True)  # noqa: E731
    assert sorted(map(key, walked(edge, url))) == sorted(map(key, whole))
    assert items_of(edge.api("GET", f"{url}?page=9999&per_page=1")) == [] or "page" not in answer.info
