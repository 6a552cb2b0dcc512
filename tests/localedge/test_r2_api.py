"""R2 over the API: buckets, objects, lists, lifecycle rules, public addresses."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.localedge.client import RunningEdge


@pytest.fixture
def bucket(edge: RunningEdge, script: str) -> str:
    """The path of a bucket of the test's own."""
    answer = edge.api("POST", "/r2/buckets", json={"name": script})
    assert answer.status == 200, answer
    return f"/r2/buckets/{script}"


def keys(edge: RunningEdge, bucket: str, **query: str) -> list[str]:
    return [found["key"] for found in edge.api("GET", f"{bucket}/objects", params=query).result]


def test_buckets_are_created_told_changed_and_deleted(edge: RunningEdge, script: str) -> None:
    body = {"name": script, "locationHint": "weur", "storageClass": "InfrequentAccess"}
    made = edge.api("POST", "/r2/buckets", json=body).result
    assert (made["name"], made["location"], made["storage_class"]) == (script, "weur", "InfrequentAccess")
    assert made["jurisdiction"] == "default"
    headers = {"cf-r2-storage-class": "Standard"}
    changed = edge.api("PATCH", f"/r2/buckets/{script}", headers=headers).result
    assert changed == {**made, "storage_class": "Standard"}
    assert edge.api("GET", f"/r2/buckets/{script}").result == changed
    assert edge.api("DELETE", f"/r2/buckets/{script}").status == 200
    missing = edge.api("GET", f"/r2/buckets/{script}")
    assert (missing.status, missing.codes) == (404, [10006])


def test_a_name_is_taken_once_and_has_its_form(edge: RunningEdge, bucket: str, script: str) -> None:
    taken = edge.api("POST", "/r2/buckets", json={"name": script})
    assert (taken.status, taken.codes) == (409, [10004])
    for name in ("ab", "Upper", "under_score", "-dash", "x" * 64, 7, ""):
        assert edge.api("POST", "/r2/buckets", json={"name": name}).codes == [10005]
    assert edge.api("POST", "/r2/buckets", json={"name": "abc", "locationHint": "moon"}).status == 400
    headers = {"cf-r2-jurisdiction": "moon"}
    assert edge.api("GET", bucket, headers=headers).status == 400


def test_buckets_come_in_pages_that_end(edge: RunningEdge, script: str) -> None:
    for letter in "cab":
        edge.api("POST", "/r2/buckets", json={"name": f"{script}-{letter}"})
    query = {"name_contains": f"{script}-", "per_page": "2"}
    first = edge.api("GET", "/r2/buckets", params=query)
    assert [found["name"] for found in first.result["buckets"]] == [f"{script}-a", f"{script}-b"]
    rest = edge.api("GET", "/r2/buckets", params={**query, "cursor": first.info["cursor"]})
    assert [found["name"] for found in rest.result["buckets"]] == [f"{script}-c"]
    assert "cursor" not in rest.info
    down = edge.api("GET", "/r2/buckets", params={**query, "direction": "desc", "start_after": f"{script}-c"})
    assert [found["name"] for found in down.result["buckets"]] == [f"{script}-b", f"{script}-a"]
    assert edge.api("GET", "/r2/buckets?order=age").status == 400


def test_a_bucket_that_has_objects_stays(edge: RunningEdge, bucket: str) -> None:
    edge.api("PUT", f"{bucket}/objects/a", content=b"x")
    full = edge.api("DELETE", bucket)
    assert (full.status, full.codes) == (409, [10008])
    edge.api("DELETE", f"{bucket}/objects/a")
    assert edge.api("DELETE", bucket).status == 200


@pytest.mark.parametrize("key", ["a/b", "a b+c", "é😀", "a//b/", "100%25", "a?b=c#d&e"])
def test_an_object_comes_back_byte_for_byte(edge: RunningEdge, bucket: str, key: str) -> None:
    path = f"{bucket}/objects/{key.replace('%', '%25').replace('?', '%3F').replace('#', '%23')}"
    value = bytes(range(256))
    stored = edge.api("PUT", path, content=value, headers={"content-type": "image/png"}).result
    md5 = hashlib.md5(value, usedforsecurity=False).hexdigest()
    assert (stored["key"], stored["etag"]) == (key, md5)
    found = edge.raw("GET", path)
    assert (found.content, found.headers["content-type"]) == (value, "image/png")
    assert found.headers["etag"] == f'"{md5}"'
    assert keys(edge, bucket) == [key]
    assert edge.api("DELETE", path).result == {"key": key}
    missing = edge.api("GET", path)
    assert (missing.status, missing.codes) == (404, [10007])


def test_headers_are_kept_and_told(edge: RunningEdge, bucket: str) -> None:
    headers = {
        "content-type": "text/css",
        "cache-control": "max-age=60",
        "content-language": "en",
        "content-disposition": "inline",
        "content-encoding": "br",
        "expires": "Wed, 01 Jan 2031 00:00:00 GMT",
    }
    edge.api("PUT", f"{bucket}/objects/a", content=b"x", headers=headers)
    with edge.http.stream("GET", f"{edge.account_url}{bucket}/objects/a", headers=edge.bearer) as found:
        assert {name: found.headers[name] for name in headers} == headers
        assert b"".join(found.iter_raw()) == b"x"
    [listed] = edge.api("GET", f"{bucket}/objects").result
    assert listed["http_metadata"]["cacheExpiry"].startswith("2031-01-01T00:00:00")
    assert (listed["size"], listed["storage_class"]) == (1, "Standard")


def test_ranges_and_conditions(edge: RunningEdge, bucket: str) -> None:
    etag = edge.api("PUT", f"{bucket}/objects/a", content=b"0123456789").result["etag"]
    part = edge.raw("GET", f"{bucket}/objects/a", headers={"range": "bytes=2-4"})
    assert (part.status_code, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")
    same = {"if-none-match": f'"{etag}"'}
    assert edge.raw("GET", f"{bucket}/objects/a", headers=same).status_code == 304
    since = {"if-modified-since": "Wed, 01 Jan 2031 00:00:00 GMT"}
    assert edge.raw("GET", f"{bucket}/objects/a", headers=since).status_code == 304
    assert edge.raw("GET", f"{bucket}/objects/a", headers={"if-none-match": '"x"'}).status_code == 200
    assert edge.api("GET", f"{bucket}/objects/a", headers={"if-modified-since": "soon"}).status == 400


def test_objects_are_listed_by_prefix_delimiter_and_page(edge: RunningEdge, bucket: str) -> None:
    for key in ["p/a", "p/b", "p/q/1", "p/q/2", "x"]:
        edge.api("PUT", f"{bucket}/objects/{key}", content=b"x")
    assert keys(edge, bucket, prefix="p/", start_after="p/a") == ["p/b", "p/q/1", "p/q/2"]
    folder = edge.api("GET", f"{bucket}/objects", params={"prefix": "p/", "delimiter": "/"})
    assert [found["key"] for found in folder.result] == ["p/a", "p/b"]
    assert (folder.info["delimited"], folder.info["is_truncated"]) == (["p/q/"], False)
    first = edge.api("GET", f"{bucket}/objects", params={"per_page": "3"})
    assert first.info["is_truncated"] is True
    assert keys(edge, bucket, cursor=first.info["cursor"]) == ["p/q/2", "x"]
    deleted = edge.api("DELETE", f"{bucket}/objects", json=["p/a", "p/b", "never there"])
    assert deleted.result == [{"key": "p/a"}, {"key": "p/b"}, {"key": "never there"}]
    assert keys(edge, bucket) == ["p/q/1", "p/q/2", "x"]


def test_a_list_of_many_objects_has_them_all(edge: RunningEdge, bucket: str) -> None:
    for number in range(120):
        edge.api("PUT", f"{bucket}/objects/{number:03}", content=b"x")
    assert keys(edge, bucket) == [f"{number:03}" for number in range(120)]
    assert edge.api("DELETE", f"{bucket}/objects", json=["k"] * 1001).status == 400


def test_objects_have_their_limits(edge: RunningEdge, bucket: str) -> None:
    too_long = edge.api("PUT", f"{bucket}/objects/{'k' * 1025}", content=b"x")
    assert (too_long.status, too_long.codes) == (400, [10020])
    pieces = iter([b"of no ", b"known length"])
    unmeasured = edge.api("PUT", f"{bucket}/objects/a", content=pieces)
    assert (unmeasured.status, unmeasured.codes) == (411, [10033])
    rare = edge.api(
        "PUT", f"{bucket}/objects/a", content=b"x", headers={"cf-r2-storage-class": "InfrequentAccess"}
    )
    assert (rare.status, rare.codes) == (501, [10501])
    assert edge.api("PUT", "/r2/buckets/never-made/objects/a", content=b"x").codes == [10006]
    assert keys(edge, bucket) == []


def test_a_large_object_is_streamed_both_ways(edge: RunningEdge, bucket: str) -> None:
    size, piece = 120_000_000, b"0123456789" * 100_000
    pieces = (piece for _ in range(size // len(piece)))
    headers = {"content-length": str(size)}
    before = memory_kib(edge.told["pid"])
    assert edge.api("PUT", f"{bucket}/objects/large", content=pieces, headers=headers).status == 200
    digest, read = hashlib.md5(usedforsecurity=False), 0
    url = f"{edge.account_url}{bucket}/objects/large"
    with edge.http.stream("GET", url, headers=edge.bearer) as found:
        for chunk in found.iter_raw():
            digest.update(chunk)
            read += len(chunk)
        assert found.headers["etag"] == f'"{digest.hexdigest()}"'
    assert read == size
    assert memory_kib(edge.told["pid"]) - before < 60_000


def test_half_an_upload_leaves_nothing(edge: RunningEdge, bucket: str) -> None:
    url = httpx2.URL(f"{edge.account_url}{bucket}/objects/half")
    head = f"PUT {url.path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nContent-Length: 1000000\r\n"
    with socket.create_connection((url.host, url.port or 80)) as broken:
        broken.sendall(
            f"{head}Authorization: {edge.bearer['Authorization']}\r\n\r\n".encode() + bytes(500_000)
        )
    log = edge.folder / "logs" / "edge.log"
    for _ in range(300):
        if f"PUT {url.path} 400" in log.read_text():
            break
        time.sleep(0.1)
    assert f"PUT {url.path} 400" in log.read_text()
    assert edge.api("GET", f"{bucket}/objects/half").codes == [10007]


def memory_kib(pid: int) -> int:
    """The most memory that a process has had, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    pytest.skip("only Linux tells")


def rule(**wanted: object) -> dict[str, Any]:
    whole = {"id": "old", "enabled": True, "conditions": {"prefix": "old/"}}
    return {**whole, "deleteObjectsTransition": {"condition": {"type": "Age", "maxAge": 86400}}, **wanted}


def test_lifecycle_rules_are_remembered(edge: RunningEdge, bucket: str) -> None:
    assert edge.api("GET", f"{bucket}/lifecycle").result == {"rules": []}
    date = {"condition": {"type": "Date", "date": "2031-01-01T00:00:00Z"}}
    rules = [rule(), rule(id="then", deleteObjectsTransition=date)]
    assert edge.api("PUT", f"{bucket}/lifecycle", json={"rules": rules}).status == 200
    assert edge.api("GET", f"{bucket}/lifecycle").result == {"rules": rules}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (rule(id=""), 400),
        (rule(enabled="yes"), 400),
        (rule(conditions=[]), 400),
        (rule(deleteObjectsTransition={"condition": {"type": "Age", "maxAge": "old"}}), 400),
        (rule(deleteObjectsTransition={"condition": {"type": "Date", "date": "soon"}}), 400),
        (rule(abortMultipartUploadsTransition={"condition": {"type": "Age", "maxAge": 1}}), 501),
        (rule(storageClassTransitions=[{"storageClass": "InfrequentAccess"}]), 501),
    ],
)
def test_rules_that_make_no_sense_or_no_difference_are_refused(
    edge: RunningEdge, bucket: str, wrong: dict[str, Any], status: int
) -> None:
    assert edge.api("PUT", f"{bucket}/lifecycle", json={"rules": [wrong]}).status == status
    assert edge.api("GET", f"{bucket}/lifecycle").result == {"rules": []}


def test_a_public_bucket_is_open_until_it_is_closed(edge: RunningEdge, bucket: str) -> None:
    edge.api("PUT", f"{bucket}/objects/a/b.txt", content=b"open", headers={"content-type": "text/plain"})
    told = edge.api("GET", f"{bucket}/domains/managed").result
    url = f"http://{told['domain']}/a/b.txt"
    assert (told["enabled"], edge.http.get(url).status_code) == (False, 404)
    assert edge.api("PUT", f"{bucket}/domains/managed", json={"enabled": True}).result["enabled"] is True
    found = edge.http.get(url)
    assert (found.status_code, found.text, found.headers["content-type"]) == (200, "open", "text/plain")
    assert edge.http.head(url).headers["content-length"] == "4"
    assert edge.http.get(f"{url}.none").status_code == 404
    edge.api("PUT", f"{bucket}/domains/managed", json={"enabled": False})
    assert edge.http.get(url).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "cors"),
        ("PUT", "lock"),
        ("POST", "domains/custom"),
        ("GET", "sippy"),
    ],
)
def test_what_would_have_no_effect_is_not_there(
    edge: RunningEdge, bucket: str, method: str, path: str
) -> None:
    answer = edge.api(method, f"{bucket}/{path}", json={})
    assert (answer.status, answer.codes) == (501, [10501])


def test_temporary_credentials_are_not_there(edge: RunningEdge) -> None:
    assert edge.api("POST", "/r2/temp-access-credentials", json={}).codes == [10501]


def test_objects_outlive_the_edge(tmp_path: Path) -> None:
    for expected in (404, 200):
        edge = RunningEdge(tmp_path / "edge").start()
        try:
            edge.api("POST", "/r2/buckets", json={"name": "kept"})
            assert edge.raw("GET", "/r2/buckets/kept/objects/a").status_code == expected
            edge.api("PUT", "/r2/buckets/kept/objects/a", content=b"x")
        finally:
            edge.stop()
