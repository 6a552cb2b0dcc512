"""R2 as a Worker has it, on buckets that the API made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

WORKER = """
const shown = (object) => object && {
  key: object.key, size: object.size, etag: object.etag, http: object.httpMetadata,
  custom: object.customMetadata, range: object.range, md5: object.checksums.toJSON().md5,
  sha256: object.checksums.toJSON().sha256, kind: object.storageClass,
};
const TESTS = {
  async basics(r2) {
    const put = await r2.put("a/b c", "hello", {
      httpMetadata: { contentType: "text/x", cacheControl: "no-store" }, customMetadata: { by: "w" },
    });
    const got = await r2.get("a/b c");
    const text = await got.text();
    const head = await r2.head("a/b c");
    await r2.delete("a/b c");
    const gone = [await r2.head("a/b c"), await r2.get("a/b c")];
    return { put: shown(put), got: shown(got), text, head: shown(head), gone };
  },
  async ranges(r2) {
    await r2.put("digits", "0123456789");
    const read = async (range) => (await r2.get("digits", { range })).text();
    const header = new Headers({ range: "bytes=8-" });
    return [
      await read({ offset: 2, length: 3 }), await read({ offset: 7 }), await read({ suffix: 2 }),
      await read(header), shown(await r2.get("digits", { range: { offset: 2, length: 3 } })).range,
    ];
  },
  async conditions(r2) {
    const { etag } = await r2.put("c", "one");
    const same = await r2.get("c", { onlyIf: { etagMatches: etag } });
    const other = await r2.get("c", { onlyIf: { etagDoesNotMatch: etag } });
    const kept = await r2.put("c", "two", { onlyIf: { etagMatches: "nothing" } });
    const written = await r2.put("c", "three", { onlyIf: { etagMatches: etag } });
    const text = await same.text();
    return {
      same: text, other: "body" in other, kept, written: written !== null,
      now: await (await r2.get("c")).text(),
    };
  },
  async checksums(r2, { sha256 }) {
    const put = await r2.put("sum", "hello", { sha256 });
    let wrong = "";
    try { await r2.put("sum", "other", { sha256 }); } catch (error) { wrong = error.message; }
    return { put: shown(put), wrong };
  },
  async lists(r2) {
    for (const key of ["p/a", "p/b", "p/q/1", "p/q/2", "x"]) {
      await r2.put(key, key, { customMetadata: { key }, httpMetadata: { contentType: "text/y" } });
    }
    const keys = (page) => page.objects.map((each) => each.key);
    const first = await r2.list({ limit: 2 });
    const second = await r2.list({ limit: 2, cursor: first.cursor });
    const folder = await r2.list({ prefix: "p/", delimiter: "/" });
    const told = await r2.list({ prefix: "x", include: ["customMetadata", "httpMetadata"] });
    const after = await r2.list({ startAfter: "p/q/1" });
    await r2.delete(["p/a", "x"]);
    return {
      first: keys(first), truncated: first.truncated, second: keys(second), folder: keys(folder),
      prefixes: folder.delimitedPrefixes, told: shown(told.objects[0]), after: keys(after),
      left: keys(await r2.list()),
    };
  },
  async multipart(r2) {
    const part = new Uint8Array(5 * 1024 * 1024).fill(97);
    const begun = await r2.createMultipartUpload("big", { customMetadata: { parts: "two" } });
    const upload = r2.resumeMultipartUpload("big", begun.uploadId);
    const parts = [await upload.uploadPart(1, part), await upload.uploadPart(2, "end")];
    const whole = await upload.complete(parts);
    const tail = await (await r2.get("big", { range: { suffix: 5 } })).text();
    const aborted = await r2.createMultipartUpload("never");
    await aborted.uploadPart(1, "x");
    await aborted.abort();
    let after = "";
    try { await aborted.uploadPart(2, "y"); } catch (error) { after = error.message; }
    return { whole: shown(whole), tail, never: await r2.head("never"), after };
  },
  async encrypted(r2) {
    const ssecKey = "00".repeat(32);
    const told = [];
    for (const ask of [() => r2.put("s", "x", { ssecKey }), () => r2.get("s", { ssecKey })]) {
      try { told.push(await ask()); } catch (error) { told.push(error.message); }
    }
    return [...told, await r2.head("s")];
  },
  async stream(r2, { size }) {
    const { readable, writable } = new FixedLengthStream(size);
    const sending = (async () => {
      const writer = writable.getWriter();
      const chunk = new Uint8Array(65536).fill(7);
      for (let sent = 0; sent < size; sent += chunk.length) await writer.write(chunk.slice(0, size - sent));
      await writer.close();
    })();
    const put = await r2.put("stream", readable);
    await sending;
    let read = 0;
    for await (const chunk of (await r2.get("stream")).body) read += chunk.byteLength;
    return { put: shown(put), read };
  },
};
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const options = Object.fromEntries(url.searchParams);
    if (options.size) options.size = Number(options.size);
    return Response.json(await TESTS[url.pathname.slice(1)](env.BUCKET, options));
  },
};
"""


@pytest.fixture
def worker(edge: RunningEdge, script: str) -> str:
    """A Worker with a bucket of its own, which is called as it is."""
    assert edge.api("POST", "/r2/buckets", json={"name": script}).status == 200
    binding = {"name": "BUCKET", "type": "r2_bucket", "bucket_name": script}
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(WORKER, bindings=[binding]))
    assert answer.status == 200, answer
    return script


def run(edge: RunningEdge, worker: str, test: str) -> Any:  # noqa: ANN401 - it is JSON
    response = edge.visit(worker, f"/{test}")
    assert response.status_code == 200, response.text
    return response.json()


def test_put_get_head_and_delete(edge: RunningEdge, worker: str) -> None:
    told = run(edge, worker, "basics")
    md5 = hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    assert (told["text"], told["gone"]) == ("hello", [None, None])
    for seen in (told["put"], told["got"], told["head"]):
        assert (seen["key"], seen["size"], seen["etag"], seen["md5"]) == ("a/b c", 5, md5, md5)
        assert seen["http"] == {"contentType": "text/x", "cacheControl": "no-store"}
        assert seen["custom"] == {"by": "w"}


def test_ranges(edge: RunningEdge, worker: str) -> None:
    assert run(edge, worker, "ranges") == ["234", "789", "89", "89", {"offset": 2, "length": 3}]


def test_conditions(edge: RunningEdge, worker: str) -> None:
    told = run(edge, worker, "conditions")
    assert told == {"same": "one", "other": False, "kept": None, "written": True, "now": "three"}


def test_checksums_are_kept_and_held_against_the_value(edge: RunningEdge, worker: str) -> None:
    sha256 = hashlib.sha256(b"hello").hexdigest()
    told = run(edge, worker, f"checksums?sha256={sha256}")
    assert told["put"]["sha256"] == sha256
    assert "(10037)" in told["wrong"]


def test_lists_with_prefix_delimiter_cursor_and_metadata(edge: RunningEdge, worker: str) -> None:
    told = run(edge, worker, "lists")
    assert (told["first"], told["truncated"], told["second"]) == (["p/a", "p/b"], True, ["p/q/1", "p/q/2"])
    assert (told["folder"], told["prefixes"]) == (["p/a", "p/b"], ["p/q/"])
    assert (told["told"]["custom"], told["told"]["http"]) == ({"key": "x"}, {"contentType": "text/y"})
    assert (told["after"], told["left"]) == (["p/q/2", "x"], ["p/b", "p/q/1", "p/q/2"])


def test_multipart_uploads_are_taken_up_completed_and_aborted(edge: RunningEdge, worker: str) -> None:
    told = run(edge, worker, "multipart")
    assert (told["whole"]["size"], told["whole"]["custom"]) == (5 * 1024 * 1024 + 3, {"parts": "two"})
    assert told["whole"]["etag"].endswith("-2")
    assert (told["tail"], told["never"]) == ("aaend", None)
    assert "(10024)" in told["after"]


def test_a_key_to_encrypt_with_is_refused_not_forgotten(edge: RunningEdge, worker: str) -> None:
    put, got, head = run(edge, worker, "encrypted")
    assert "does not (yet)" in put
    assert "does not (yet)" in got
    assert head is None


def test_a_value_is_streamed(edge: RunningEdge, worker: str) -> None:
    size = 20_000_003
    told = run(edge, worker, f"stream?size={size}")
    assert (told["put"]["size"], told["read"]) == (size, size)


def test_a_worker_and_the_api_see_the_same_objects(edge: RunningEdge, worker: str) -> None:
    run(edge, worker, "ranges")
    assert edge.raw("GET", f"/r2/buckets/{worker}/objects/digits").text == "0123456789"


def test_a_bucket_that_is_not_there_cannot_be_bound(edge: RunningEdge, script: str) -> None:
    binding = {"name": "BUCKET", "type": "r2_bucket", "bucket_name": "nobody-made-it"}
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(WORKER, bindings=[binding]))
    assert (answer.status, answer.codes) == (400, [10085])
    assert "nobody-made-it" in answer.message


def test_the_same_name_in_another_jurisdiction_is_another_bucket(edge: RunningEdge, script: str) -> None:
    european = {"cf-r2-jurisdiction": "eu"}
    for headers in ({}, european):
        assert edge.api("POST", "/r2/buckets", json={"name": script}, headers=headers).status == 200
    edge.api("PUT", f"/r2/buckets/{script}/objects/digits", content=b"not in the EU")
    binding = {"name": "BUCKET", "type": "r2_bucket", "bucket_name": script, "jurisdiction": "eu"}
    edge.api("PUT", f"/workers/scripts/{script}", **edge.form(WORKER, bindings=[binding]))
    run(edge, script, "ranges")
    read = edge.raw("GET", f"/r2/buckets/{script}/objects/digits", headers=european)
    assert read.text == "0123456789"
    assert edge.raw("GET", f"/r2/buckets/{script}/objects/digits").text == "not in the EU"
