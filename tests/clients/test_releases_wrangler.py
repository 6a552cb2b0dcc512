"""The pinned wrangler, the newest, and the newest for Node 20 take a whole project through its life."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.releases import programs
from tests.localedge.client import GREETER
from tests.localedge.queue_workers import wait_until
from tests.localedge.test_addresses_api import api, says
from tests.localedge.wrangler import Wrangler, first_event, signal_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

META = {"binding": "META"}
# The pinned wrangler does what these tests do, and more, in test_workers_wrangler.py and the files beside it.
NOT_PINNED = pytest.mark.parametrize("program", ["newest", "node20"], indirect=True)

EVERYTHING = """
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  async increment() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
}

export default {
  async fetch(request, env) {
    await env.CACHE.put("greeting", "from KV");
    if (request.url.endsWith("/api/send")) await env.JOBS.send("a job");
    const { results } = await env.DB.prepare("SELECT name FROM people").all();
    return Response.json({
      vars: [env.GREETING, env.SETTINGS.deep],
      version: env.META.id,
      kv: await env.CACHE.get("greeting"),
      d1: results.map(({ name }) => name),
      r2: await (await env.FILES.get("hello.txt")).text(),
      count: await env.COUNTER.get(env.COUNTER.idFromName("one")).increment(),
      service: (await (await env.CALLEE.fetch("http://callee/")).json()).says,
      limited: (await env.LIMIT.limit({ key: "visitor" })).success,
      asset: await (await env.ASSETS.fetch("http://site/about")).text(),
      delivered: await env.CACHE.get("job"),
      ran: await env.CACHE.get("cron"),
    });
  },
  async queue(batch, env) {
    await env.CACHE.put("job", batch.messages.map(({ body }) => body).join());
  },
  async scheduled(event, env) {
    await env.CACHE.put("cron", event.cron);
  },
};
"""


@pytest.fixture(params=["pinned", "newest", "node20"])
def program(request: pytest.FixtureRequest) -> list[str]:
    found = programs()[request.param]
    if found is None:
        pytest.skip("there is no Node 20 for this machine in tests/clients/wrangler-node20")
    return found


@pytest.fixture
def wrangler(edge: RunningEdge, tmp_path: Path, program: list[str]) -> Wrangler:
    return Wrangler(edge, tmp_path / "project", program)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The files of a single-page application, with rules."""
    public = tmp_path / "project" / "public"
    public.mkdir(parents=True)
    (public / "index.html").write_text("<h1>home</h1>")
    (public / "about.html").write_text("<h1>about</h1>")
    (public / "_headers").write_text("/about\n  X-Site: yes\n")
    (public / "_redirects").write_text("/old /about 301\n")
    return public


def test_a_worker_with_everything(
    edge: RunningEdge, wrangler: Wrangler, site: Path, tmp_path: Path, program: list[str], script: str
) -> None:
    callee = Wrangler(edge, tmp_path / "callee", program)
    callee.write(GREETER.replace("SAYS", "the callee"), name=f"{script}-callee")
    callee.run("deploy")
    wrangler.write(EVERYTHING, name=script)
    wrangler.run("queues", "create", f"{script}-jobs")
    whole = project(edge, wrangler, site, script)
    wrangler.write(EVERYTHING, **whole)
    printed = wrangler.run("deploy")
    assert "schedule: 0 3 * * *" in printed

    edge.visit(script, "/api/send")
    wait_until(lambda: edge.visit(script, "/api").json()["delivered"] == "a job")
    schedules = edge.told["api_url"].replace("/client/v4", f"/edge/schedules/{script}")
    assert edge.api("POST", schedules, json={"cron": "0 3 * * *"}).status == 200
    version, before = only_version(wrangler), edge.visit(script, "/api").json()
    assert before == {
        "vars": ["hello", [1, 2]],
        "version": version,
        "kv": "from KV",
        "d1": ["Ada"],
        "r2": "from R2",
        "count": before["count"],
        "service": "the callee",
        "limited": True,
        "asset": "<h1>about</h1>",
        "delivered": "a job",
        "ran": "0 3 * * *",
    }
    assert edge.visit(script, "/old").headers["location"] == "/about"
    assert edge.visit(script, "/about").headers["x-site"] == "yes"
    assert edge.visit(script, "/app/deep", **{"Sec-Fetch-Mode": "navigate"}).text == "<h1>home</h1>"

    wrangler.run("deploy")  # once more: another version, the same objects
    after = edge.visit(script, "/api").json()
    assert after["version"] != version
    assert after["count"] == before["count"] + 1
    wrangler.run("delete", "--force")
    assert edge.visit(script, "/api").status_code == 404


def project(edge: RunningEdge, wrangler: Wrangler, site: Path, script: str) -> dict[str, Any]:
    """Make what the Worker needs with wrangler; its whole configuration."""
    wrangler.run("kv", "namespace", "create", script)
    [namespace] = [one for one in wrangler.json("kv", "namespace", "list") if one["title"].endswith(script)]
    wrangler.run("d1", "create", script)
    database = {
        "binding": "DB",
        "database_name": script,
        "database_id": edge.api("GET", f"/d1/database/{script}").result["uuid"],
    }
    wrangler.write(EVERYTHING, name=script, d1_databases=[database])
    (site.parent / "migrations").mkdir()
    (site.parent / "migrations/0001_people.sql").write_text(
        "CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada');"
    )
    wrangler.run("d1", "migrations", "apply", script, "--remote")
    wrangler.run("r2", "bucket", "create", script)
    (site.parent / "hello.txt").write_text("from R2")
    wrangler.run("r2", "object", "put", f"{script}/hello.txt", "--file", "hello.txt", "--remote")
    return {
        "name": script,
        "vars": {"GREETING": "hello", "SETTINGS": {"deep": [1, 2]}},
        "version_metadata": META,
        "kv_namespaces": [{"binding": "CACHE", "id": namespace["id"]}],
        "d1_databases": [database],
        "r2_buckets": [{"binding": "FILES", "bucket_name": script}],
        "queues": {
            "producers": [{"binding": "JOBS", "queue": f"{script}-jobs"}],
            "consumers": [{"queue": f"{script}-jobs", "max_batch_timeout": 0}],
        },
        "durable_objects": {"bindings": [{"name": "COUNTER", "class_name": "Counter"}]},
        "migrations": [{"tag": "v1", "new_sqlite_classes": ["Counter"]}],
        "services": [{"binding": "CALLEE", "service": f"{script}-callee"}],
        "ratelimits": [{"name": "LIMIT", "namespace_id": "1001", "simple": {"limit": 100_000, "period": 60}}],
        "assets": {
            "directory": "public",
            "binding": "ASSETS",
            "not_found_handling": "single-page-application",
            "run_worker_first": ["/api", "/api/*"],
        },
        "triggers": {"crons": ["0 3 * * *"]},
    }


def only_version(wrangler: Wrangler) -> str:
    [share] = wrangler.json("deployments", "status", "--json")["versions"]
    return str(share["version_id"])


@NOT_PINNED
def test_versions_secrets_and_tail(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    wrangler.write(GREETER.replace("SAYS", "one"), name=script, version_metadata=META)
    wrangler.run("deploy")
    wrangler.run("secret", "put", "TOKEN", typed="first text")
    assert edge.visit(script).json()["secret"] == "first text"
    assert [secret["name"] for secret in wrangler.json("secret", "list")] == ["TOKEN"]

    wrangler.write(GREETER.replace("SAYS", "two"), name=script, version_metadata=META)
    wrangler.run("versions", "upload", "--tag", "v2", "--message", "the second")
    wrangler.run("versions", "secret", "put", "TOKEN", typed="second text")
    first, uploaded, second = (version["id"] for version in wrangler.json("versions", "list", "--json")[-3:])
    assert wrangler.json("versions", "view", uploaded, "--json")["annotations"]["workers/tag"] == "v2"
    assert edge.visit(script).json()["says"] == "one"
    wrangler.run("versions", "deploy", f"{first}@50%", f"{second}@50%", "-y", "--message", "half")
    answers = [edge.visit(script).json() for _ in range(40)]
    assert {(told["says"], told["secret"]) for told in answers} == {
        ("one", "first text"),
        ("two", "second text"),
    }
    wrangler.run("versions", "deploy", f"{second}@100%", "-y")
    wrangler.run("secret", "bulk", typed='{"TOKEN": "third text", "OTHER": "x"}')
    assert edge.visit(script).json()["secret"] == "third text"
    wrangler.run("secret", "delete", "OTHER", typed="y\n")
    assert [secret["name"] for secret in wrangler.json("secret", "list")] == ["TOKEN"]
    wrangler.run("rollback", uploaded, "-y", "--message", "not good")
    assert only_version(wrangler) == uploaded
    assert edge.visit(script).json()["secret"] == "first text"
    assert len(wrangler.json("deployments", "list", "--json")) == 7

    with wrangler.start("tail", "--format", "json") as tail:
        event = first_event(edge, script, tail)
        signal_to(tail, signal.SIGINT)
    assert event["outcome"] == "ok"


@NOT_PINNED
def test_data(wrangler: Wrangler, script: str, tmp_path: Path) -> None:
    wrangler.write(GREETER, name=script)
    wrangler.run("kv", "namespace", "create", script)
    [namespace] = [one for one in wrangler.json("kv", "namespace", "list") if one["title"].endswith(script)]
    remote = ["--remote", "--namespace-id", namespace["id"]]
    wrangler.run("kv", "key", "put", "a/b", "one", "--ttl", "600", "--metadata", '{"n": 1}', *remote)
    assert wrangler.run("kv", "key", "get", "a/b", *remote).strip() == "one"
    (tmp_path / "values.json").write_text(json.dumps([{"key": "x", "value": "1"}]))
    wrangler.run("kv", "bulk", "put", str(tmp_path / "values.json"), *remote)
    wrangler.run("kv", "key", "delete", "a/b", *remote)
    assert [key["name"] for key in wrangler.json("kv", "key", "list", *remote)] == ["x"]
    wrangler.run("kv", "namespace", "delete", "--namespace-id", namespace["id"], "-y")

    sql, out = tmp_path / "in.sql", tmp_path / "out.sql"
    sql.write_text("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'kept');")
    wrangler.run("d1", "create", script)
    on = [script, "--remote", "--yes"]
    wrangler.run("d1", "execute", *on, "--file", str(sql))
    bookmark = wrangler.json("d1", "time-travel", "info", script, "--json")["bookmark"]
    wrangler.run("d1", "execute", *on, "--command", "DROP TABLE t")
    wrangler.json("d1", "time-travel", "restore", script, "--json", "--bookmark", bookmark)
    wrangler.run("d1", "export", script, "--remote", "--output", str(out))
    assert "kept" in out.read_text()
    wrangler.run("d1", "delete", script, "--skip-confirmation")

    (tmp_path / "in.bin").write_bytes(bytes(range(256)) * 5000)
    at = f"{script}/folder/a b.bin"
    wrangler.run("r2", "bucket", "create", script)
    wrangler.run("r2", "object", "put", at, "--file", str(tmp_path / "in.bin"), "--remote")
    wrangler.run("r2", "object", "get", at, "--file", str(tmp_path / "out.bin"), "--remote")
    assert (tmp_path / "out.bin").read_bytes() == (tmp_path / "in.bin").read_bytes()
    wrangler.run("r2", "object", "delete", at, "--remote")
    wrangler.run("r2", "bucket", "delete", script)


def test_addresses(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    zone = f"{script}.example"
    assert api(edge, "POST", "/zones", json={"name": zone}).status == 200
    routes = [
        {"pattern": f"{zone}/api/*", "zone_name": zone},
        {"pattern": f"shop.{zone}", "custom_domain": True},
    ]
    settings = {"name": script, "routes": routes, "workers_dev": True, "preview_urls": True}
    wrangler.write(GREETER.replace("SAYS", "one"), **settings)
    wrangler.run("deploy")
    assert says(edge, zone, "/api/x") == says(edge, f"shop.{zone}") == "one"
    wrangler.write(GREETER.replace("SAYS", "next"), **settings)
    told = wrangler.run("versions", "upload", "--preview-alias", "try-it")
    found = re.search(r"Version Preview URL: https://(\S+)", told)
    assert found is not None
    # wrangler 4.86 makes the rest of the host itself, under `.workers.dev`.
    preview = f"{found[1].partition('.')[0]}.localhost"
    assert says(edge, preview) == says(edge, f"try-it-{script}.localhost") == "next"
    assert edge.visit(script).json()["says"] == "one"
