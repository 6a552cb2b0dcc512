"""KV in bulk: thousands of keys over the API, and the bulk operations that a Worker has."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

WORKER = """
const TESTS = {
  async get(kv) {
    const metadata = { by: "worker" };
    await kv.put("json", '{"a": [1]}', { metadata });
    await kv.put("text", "text", { expirationTtl: 600 });
    const shown = (map) => Object.fromEntries(map);
    return {
      text: shown(await kv.get(["json", "text", "none"])),
      json: shown(await kv.get(["json"], { type: "json", cacheTtl: 60 })),
      metadata: shown(await kv.getWithMetadata(["json", "none"])),
      one: await kv.getWithMetadata("json", "json"),
      cached: await kv.get("text", { cacheTtl: 30 }),
      many: await kv.get(Array.from({ length: 101 }, (_, n) => `${n}`)).catch((error) => error.message),
      soon: await kv.get("text", { cacheTtl: 1 }).catch((error) => error.message),
    };
  },
  async list(kv) {
    const names = [];
    let cursor, pages = 0;
    do {
      const page = await kv.list({ prefix: "k", cursor });
      names.push(...page.keys.map((key) => key.name));
      cursor = page.list_complete ? undefined : page.cursor;
      pages += 1;
    } while (cursor !== undefined);
    const sorted = names.every((name, at) => at === 0 || names[at - 1] < name);
    const value = await kv.get("k00007", "arrayBuffer");
    return { pages, count: names.length, sorted, value: new TextDecoder().decode(value) };
  },
};
export default {
  async fetch(request, env) {
    return Response.json(await TESTS[new URL(request.url).pathname.slice(1)](env.KV));
  },
};
"""


@pytest.fixture
def kv(edge: RunningEdge, script: str) -> str:
    """The path of a namespace of the test's own."""
    made = edge.api("POST", "/storage/kv/namespaces", json={"title": f"bulk-{script}"})
    return f"/storage/kv/namespaces/{made.result['id']}"


@pytest.fixture
def worker(edge: RunningEdge, kv: str, script: str) -> str:
    """A Worker that has it."""
    binding = {"name": "KV", "type": "kv_namespace", "namespace_id": kv.rpartition("/")[2]}
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(WORKER, bindings=[binding]))
    assert answer.status == 200, answer
    return script


def names(edge: RunningEdge, kv: str, **query: str) -> list[list[str]]:
    """The names of keys, page by page."""
    pages: list[list[str]] = []
    cursor = ""
    while cursor or not pages:
        page = edge.api("GET", f"{kv}/keys", params={**query, "cursor": cursor})
        pages.append([key["name"] for key in page.result])
        assert page.info["count"] == len(page.result)
        cursor = page.info["cursor"]
    return pages


def test_ten_thousand_keys_are_written_listed_and_deleted(edge: RunningEdge, kv: str, worker: str) -> None:
    keys = [f"k{number:05}" for number in range(10_000)]
    writes = [{"key": key, "value": f"value of {key}", "metadata": {"key": key}} for key in keys]
    assert edge.api("PUT", f"{kv}/bulk", json=writes).result["successful_key_count"] == 10_000
    pages = names(edge, kv)
    assert ([len(page) for page in pages], [name for page in pages for name in page]) == ([1000] * 10, keys)
    told = edge.visit(worker, "/list").json()
    assert told == {"pages": 10, "count": 10_000, "sorted": True, "value": "value of k00007"}
    assert edge.api("DELETE", f"{kv}/bulk", json=keys[1:]).result["successful_key_count"] == 9_999
    assert names(edge, kv) == [["k00000"]]


@pytest.mark.parametrize("prefix", ["%_", "a/b?", "é😀", "'\"\\", " ", "*"])
def test_a_prefix_is_taken_as_it_is(edge: RunningEdge, kv: str, prefix: str) -> None:
    mine = sorted(f"{prefix}{number}" for number in range(5))
    writes = [{"key": key, "value": "x"} for key in [*mine, "other", "zz", "A"]]
    edge.api("PUT", f"{kv}/bulk", json=writes)
    assert names(edge, kv, prefix=prefix, limit="2") == [mine[:2], mine[2:4], mine[4:]]
    assert names(edge, kv, prefix=f"{prefix}none") == [[]]


def test_a_cursor_of_another_prefix_finds_what_comes_behind_it(edge: RunningEdge, kv: str) -> None:
    edge.api(
        "PUT", f"{kv}/bulk", json=[{"key": f"{letter}{n}", "value": "x"} for letter in "ab" for n in "123"]
    )
    cursor = edge.api("GET", f"{kv}/keys", params={"prefix": "a", "limit": "2"}).info["cursor"]
    found = edge.api("GET", f"{kv}/keys", params={"prefix": "b", "cursor": cursor}).result
    assert [key["name"] for key in found] == ["b1", "b2", "b3"]


def test_the_last_of_two_writes_of_a_key_counts(edge: RunningEdge, kv: str) -> None:
    edge.api("PUT", f"{kv}/bulk", json=[{"key": "a", "value": "first"}, {"key": "a", "value": "last"}])
    assert edge.raw("GET", f"{kv}/values/a").text == "last"


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000])
def test_a_value_is_the_same_however_it_was_written(edge: RunningEdge, kv: str, size: int) -> None:
    value, other = bytes(size), bytes([7]) * size
    bulk = [{"key": "a b/é", "value": base64.b64encode(other).decode(), "base64": True}]
    path = f"{kv}/values/{quote('a b/é', safe='')}"
    for _ in range(2):
        edge.api("PUT", path, content=value)
        assert edge.raw("GET", path).content == value
        edge.api("PUT", f"{kv}/bulk", json=bulk)
        assert edge.raw("GET", path).content == other
    edge.api("DELETE", path)
    assert edge.api("GET", path).codes == [10009]


def test_a_namespace_is_dropped_with_all_its_files(edge: RunningEdge, kv: str) -> None:
    edge.api("PUT", f"{kv}/bulk", json=[{"key": f"{n}", "value": "x" * (n * 9000)} for n in range(5)])
    blobs = edge.folder / "runtime" / "data" / "kv" / kv.rpartition("/")[2] / "blobs"
    assert len(list(blobs.iterdir())) == 3
    edge.api("DELETE", kv)
    assert list(blobs.iterdir()) == []


def test_bulk_reads_give_text_json_and_metadata(edge: RunningEdge, kv: str) -> None:
    writes: list[dict[str, Any]] = [{"key": f"{n}", "value": f'{{"n": {n}}}'} for n in range(100)]
    writes[0] |= {"metadata": {"first": True}, "expiration_ttl": 600}
    edge.api("PUT", f"{kv}/bulk", json=writes)
    keys = [f"{n}" for n in range(99)] + ["none"]
    read = edge.api("POST", f"{kv}/bulk/get", json={"keys": keys, "type": "json", "withMetadata": True})
    values = read.result["values"]
    assert (values["98"], values["none"]) == ({"value": {"n": 98}, "metadata": None}, None)
    assert (values["0"]["metadata"], values["0"]["expiration"] > 0) == ({"first": True}, True)
    text = edge.api("POST", f"{kv}/bulk/get", json={"keys": ["1"], "type": "text"})
    assert text.result["values"] == {"1": '{"n": 1}'}


def test_a_worker_reads_in_bulk(edge: RunningEdge, worker: str) -> None:
    told = edge.visit(worker, "/get").json()
    assert told["text"] == {"json": '{"a": [1]}', "text": "text", "none": None}
    assert told["json"] == {"json": {"a": [1]}}
    by = {"by": "worker"}
    assert told["metadata"]["json"]["metadata"] == by
    assert (told["one"]["value"], told["one"]["metadata"]) == ({"a": [1]}, by)
    assert told["cached"] == "text"
    assert "100" in told["many"]
    assert "at least 30" in told["soon"]
