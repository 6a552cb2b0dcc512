"""The real wrangler on R2: buckets, objects, lifecycle rules, a Worker with a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

READER = """
export default {
  async fetch(request, env) {
    const found = await env.FILES.get(new URL(request.url).pathname.slice(1));
    return new Response(found?.body ?? "nothing", { status: found ? 200 : 404 });
  },
};
"""


@pytest.fixture
def wrangler(edge: RunningEdge, tmp_path: Path, script: str) -> Wrangler:
    running = Wrangler(edge, tmp_path / "project")
    running.write(READER, name=script)
    return running


def test_buckets_and_objects(wrangler: Wrangler, script: str, tmp_path: Path) -> None:
    assert "Created bucket" in wrangler.run("r2", "bucket", "create", script, "--location", "weur")
    assert script in wrangler.run("r2", "bucket", "list")
    assert "weur" in wrangler.run("r2", "bucket", "info", script)
    (tmp_path / "in.bin").write_bytes(bytes(range(256)) * 5000)
    at = f"{script}/folder/a b.bin"
    put = ["--file", str(tmp_path / "in.bin"), "--content-type", "image/png", "--remote"]
    assert "Upload complete" in wrangler.run("r2", "object", "put", at, *put)
    wrangler.run("r2", "object", "get", at, "--file", str(tmp_path / "out.bin"), "--remote")
    assert (tmp_path / "out.bin").read_bytes() == (tmp_path / "in.bin").read_bytes()
    assert "not empty" in wrangler.run("r2", "bucket", "delete", script, check=False)
    assert "Delete complete" in wrangler.run("r2", "object", "delete", at, "--remote")
    assert "does not exist" in wrangler.run("r2", "object", "get", at, "--pipe", "--remote", check=False)
    assert "Deleted bucket" in wrangler.run("r2", "bucket", "delete", script)


def test_rules_and_the_public_address(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    wrangler.run("r2", "bucket", "create", script)
    wrangler.run("r2", "bucket", "lifecycle", "add", script, "logs", "logs/", "--expire-days", "7", "-y")
    [rule] = edge.api("GET", f"/r2/buckets/{script}/lifecycle").result["rules"]
    assert rule["deleteObjectsTransition"]["condition"] == {"type": "Age", "maxAge": 7 * 86400}
    assert "logs/" in wrangler.run("r2", "bucket", "lifecycle", "list", script)
    wrangler.run("r2", "bucket", "lifecycle", "remove", script, "--name", "logs")
    assert edge.api("GET", f"/r2/buckets/{script}/lifecycle").result["rules"] == []
    wrangler.run("r2", "bucket", "dev-url", "enable", script, "-y")
    assert "enabled" in wrangler.run("r2", "bucket", "dev-url", "get", script)
    wrangler.run("r2", "bucket", "update", "storage-class", script, "-s", "InfrequentAccess")
    assert edge.api("GET", f"/r2/buckets/{script}").result["storage_class"] == "InfrequentAccess"
    assert "10501" in wrangler.run("r2", "bucket", "cors", "list", script, check=False)


def test_a_worker_with_a_bucket(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    edge.api("POST", "/r2/buckets", json={"name": script})
    edge.api("PUT", f"/r2/buckets/{script}/objects/greeting", content=b"from the bucket")
    wrangler.write(READER, name=script, r2_buckets=[{"binding": "FILES", "bucket_name": script}])
    wrangler.run("deploy")
    assert edge.visit(script, "/greeting").text == "from the bucket"
    assert edge.visit(script, "/other").status_code == 404
