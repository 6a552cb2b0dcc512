"""R2: buckets and objects over the API, and that the Workers see the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


@pytest.fixture
def bucket(edge: RunningEdge, script: str) -> str:
    """The path of a bucket of the test's own."""
    answer = edge.api("POST", "/r2/buckets", json={"name": script})
    assert answer.status == 200, answer
    return f"/r2/buckets/{script}"


def test_an_object_comes_back_byte_for_byte(edge: RunningEdge, bucket: str) -> None:
    value = bytes(range(256))
    stored = edge.api("PUT", f"{bucket}/objects/a/b", content=value, headers={"content-type": "image/png"})
    assert stored.result["etag"] == hashlib.md5(value, usedforsecurity=False).hexdigest()
    found = edge.raw("GET", f"{bucket}/objects/a/b")
    assert (found.content, found.headers["content-type"]) == (value, "image/png")
    assert edge.api("DELETE", f"{bucket}/objects/a/b").status == 200
    missing = edge.api("GET", f"{bucket}/objects/a/b")
    assert (missing.status, missing.codes) == (404, [10007])
