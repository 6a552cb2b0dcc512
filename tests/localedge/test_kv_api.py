"""KV: namespaces, values one by one and in bulk, and that the Workers see the same."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

READER = """
export default {
  async fetch(request, env) {
    const key = new URL(request.url).searchParams.get("key");
    if (request.method === "PUT") await env.KV.put(key, await request.text());
    return Response.json(await env.KV.getWithMetadata(key));
  },
};
"""


def create(edge: RunningEdge, title: str) -> str:
    answer = edge.api("POST", "/storage/kv/namespaces", json={"title": title})
    assert answer.status == 200, answer
    return str(answer.result["id"])


@pytest.fixture
def kv(edge: RunningEdge, script: str) -> str:
    """The path of a namespace of the test's own."""
    return f"/storage/kv/namespaces/{create(edge, script)}"


def test_namespaces_are_created_listed_renamed_and_deleted(edge: RunningEdge, script: str) -> None:
    namespace_id = create(edge, script)
    path = f"/storage/kv/namespaces/{namespace_id}"
    shown = {"id": namespace_id, "title": script, "supports_url_encoding": True}
    assert shown in edge.api("GET", "/storage/kv/namespaces?per_page=1000").result
    assert edge.api("PUT", path, json={"title": f"{script}-new"}).result["title"] == f"{script}-new"
    assert edge.api("GET", path).result["title"] == f"{script}-new"
    assert edge.api("DELETE", path).status == 200
    assert edge.api("GET", path).codes == [10013]
    assert edge.api("GET", f"{path}/keys").codes == [10013]


def test_a_title_is_taken_once(edge: RunningEdge, script: str) -> None:
    create(edge, script)
    other = create(edge, f"{script}-other")
    assert edge.api("POST", "/storage/kv/namespaces", json={"title": script}).codes == [10014]
    assert edge.api("PUT", f"/storage/kv/namespaces/{other}", json={"title": script}).codes == [10014]
    assert edge.api("POST", "/storage/kv/namespaces", json={"title": ""}).status == 400


def test_namespaces_come_in_order_and_in_pages_that_end(edge: RunningEdge, script: str) -> None:
    for letter in "cab":
        create(edge, f"{script}-{letter}")
    path = "/storage/kv/namespaces?order=title&direction=desc&per_page=1000"
    titles = [found["title"] for found in edge.api("GET", path).result]
    assert [title for title in titles if title.startswith(f"{script}-")] == [f"{script}-{x}" for x in "cba"]
    assert edge.api("GET", f"{path}&page=2").result == []
    assert edge.api("GET", "/storage/kv/namespaces?order=age").status == 400


def test_a_dropped_namespace_takes_its_values_along(edge: RunningEdge, kv: str) -> None:
    edge.api("PUT", f"{kv}/values/a", content=b"1")
    edge.api("DELETE", kv)
    assert edge.api("GET", f"{kv}/values/a").codes == [10013]


@pytest.mark.parametrize("key", ["plain", "a/b", "a%b", "a b", "ключ", "?x=1&y", "a//b/", "100%2F", "\\"])
def test_a_value_comes_back_byte_for_byte_under_any_key(edge: RunningEdge, kv: str, key: str) -> None:
    value = bytes(range(256))
    path = f"{kv}/values/{quoted(key)}"
    assert edge.api("PUT", path, content=value).status == 200
    assert edge.raw("GET", path).content == value
    assert [found["name"] for found in edge.api("GET", f"{kv}/keys").result] == [key]
    assert edge.api("DELETE", path).status == 200
    missing = edge.api("GET", path)
    assert (missing.status, missing.codes) == (404, [10009])


def quoted(key: str) -> str:

    return quote(key, safe="")


def test_metadata_and_expiration_are_kept(edge: RunningEdge, kv: str) -> None:
    form = {"value": (None, b"text"), "metadata": (None, json.dumps({"colour": "red"}))}
    expiration = int(time.time()) + 3600
    edge.api("PUT", f"{kv}/values/a?expiration={expiration}", files=form)
    response = edge.raw("GET", f"{kv}/values/a")
    assert (response.text, response.headers["expiration"]) == ("text", str(expiration))
    assert edge.api("GET", f"{kv}/metadata/a").result == {"colour": "red"}
    assert edge.api("GET", f"{kv}/keys").result == [
        {"name": "a", "expiration": expiration, "metadata": {"colour": "red"}}
    ]
    assert edge.api("GET", f"{kv}/metadata/b").codes == [10009]


def test_a_time_to_live_is_counted_from_now(edge: RunningEdge, kv: str) -> None:
    edge.api("PUT", f"{kv}/values/a?expiration_ttl=60", content=b"x")
    [key] = edge.api("GET", f"{kv}/keys").result
    assert 55 <= key["expiration"] - time.time() <= 61


@pytest.mark.parametrize("query", ["expiration_ttl=59", "expiration=1000", "expiration_ttl=soon"])
def test_an_expiration_too_near_is_refused(edge: RunningEdge, kv: str, query: str) -> None:
    assert edge.api("PUT", f"{kv}/values/a?{query}", content=b"x").status == 400
    assert edge.api("GET", f"{kv}/keys").result == []


def test_keys_and_values_have_their_limits(edge: RunningEdge, kv: str) -> None:
    assert edge.api("PUT", f"{kv}/values/{'k' * 512}", content=b"x").status == 200
    assert edge.api("PUT", f"{kv}/values/{'k' * 513}", content=b"x").status == 400
    assert edge.api("PUT", f"{kv}/values/a", content=b"x" * (25 * 1024 * 1024 + 1)).status == 413
    large = {"value": (None, b"x"), "metadata": (None, json.dumps("m" * 1024))}
    assert edge.api("PUT", f"{kv}/values/a", files=large).status == 400
    assert edge.api("PUT", f"{kv}/values/a", files={"other": (None, b"x")}).status == 400


def test_keys_are_listed_by_prefix_in_pages(edge: RunningEdge, kv: str) -> None:
    edge.api("PUT", f"{kv}/bulk", json=[{"key": f"a:{n}", "value": "x"} for n in range(5)])
    edge.api("PUT", f"{kv}/values/b:0", content=b"x")
    names: list[str] = []
    cursor = ""
    for _ in range(3):
        page = edge.api("GET", f"{kv}/keys?prefix=a:&limit=2&cursor={cursor}")
        names += [key["name"] for key in page.result]
        cursor = page.info["cursor"]
    assert names == [f"a:{n}" for n in range(5)]
    assert cursor == ""


def test_many_values_are_written_read_and_deleted_at_once(edge: RunningEdge, kv: str) -> None:
    writes: list[dict[str, Any]] = [
        {"key": "text", "value": "hello", "metadata": {"n": 1}},
        {"key": "bytes", "value": base64.b64encode(b"\x00\xff").decode(), "base64": True},
        {"key": "json", "value": '{"a": [1]}', "expiration_ttl": 600},
    ]
    assert edge.api("PUT", f"{kv}/bulk", json=writes).result == {
        "successful_key_count": 3,
        "unsuccessful_keys": [],
    }
    assert edge.raw("GET", f"{kv}/values/bytes").content == b"\x00\xff"
    found = edge.api("POST", f"{kv}/bulk/get", json={"keys": ["text", "none"], "withMetadata": True}).result
    assert found["values"] == {"text": {"value": "hello", "metadata": {"n": 1}}, "none": None}
    as_json = edge.api("POST", f"{kv}/bulk/get", json={"keys": ["json"], "type": "json"}).result
    assert as_json["values"] == {"json": {"a": [1]}}
    edge.api("DELETE", f"{kv}/bulk", json=["text", {"name": "bytes"}])
    edge.api("POST", f"{kv}/bulk/delete", json=["json", "never there"])
    assert edge.api("GET", f"{kv}/keys").result == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        ["text"],
        [{"key": "a"}],
        [{"value": "a"}],
        [{"key": "a", "value": "?", "base64": True}],
        [{"key": "a", "value": "x", "expiration_ttl": 1}],
        [{"key": "a", "value": "x"}] * 10_001,
    ],
)
def test_a_bulk_write_with_a_mistake_writes_nothing(edge: RunningEdge, kv: str, body: object) -> None:
    body = [{"key": "good", "value": "x"}, *body] if isinstance(body, list) else body
    assert edge.api("PUT", f"{kv}/bulk", json=body).status == 400
    assert edge.api("GET", f"{kv}/keys").result == []


def test_a_bulk_read_is_of_at_most_100_keys(edge: RunningEdge, kv: str) -> None:
    assert edge.api("POST", f"{kv}/bulk/get", json={"keys": ["k"] * 101}).status == 400
    assert edge.api("POST", f"{kv}/bulk/get", json={"keys": "k"}).status == 400


def test_a_worker_and_the_api_see_the_same_values(edge: RunningEdge, kv: str, script: str) -> None:
    binding = {"name": "KV", "type": "kv_namespace", "namespace_id": kv.rpartition("/")[2]}
    edge.api("PUT", f"/workers/scripts/{script}", **edge.form(READER, bindings=[binding]))
    form = {"value": (None, b"from the api"), "metadata": (None, '{"n": 1}')}
    edge.api("PUT", f"{kv}/values/greeting", files=form)
    found = edge.visit(script, "/?key=greeting").json()
    assert (found["value"], found["metadata"]) == ("from the api", {"n": 1})
    port = edge.told["traffic_url"].rpartition(":")[2]
    headers = {"Host": f"{script}.localhost:{port}"}
    edge.http.put(f"{edge.told['traffic_url']}/?key=answer", content=b"from the worker", headers=headers)
    assert edge.raw("GET", f"{kv}/values/answer").text == "from the worker"
