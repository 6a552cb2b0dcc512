"""The real wrangler deploys sites of static assets, and Workers with an old-style Sites bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.sites import ASKS_ITS_ASSETS
from tests.localedge.wrangler import REPOSITORY, Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

SITES_WORKER = """
import { getAssetFromKV } from "HANDLER";
import manifest from "__STATIC_CONTENT_MANIFEST";

export default {
  async fetch(request, env, context) {
    const waitUntil = (promise) => context.waitUntil(promise);
    const from = { ASSET_NAMESPACE: env.__STATIC_CONTENT, ASSET_MANIFEST: JSON.parse(manifest) };
    return getAssetFromKV({ request, waitUntil }, from);
  },
};
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    public = tmp_path / "project" / "public"
    (public / "img").mkdir(parents=True)
    (public / "index.html").write_text("<h1>home</h1>")
    (public / "about.html").write_text("<h1>about</h1>")
    (public / "img" / "dot.svg").write_text("<svg/>")
    (public / "_headers").write_text("/*\n  X-Site: yes\n")
    (public / "_redirects").write_text("/old /about 301\n")
    return public


@pytest.fixture
def wrangler(edge: RunningEdge, site: Path) -> Wrangler:
    return Wrangler(edge, site.parent)


def test_a_worker_with_a_site(edge: RunningEdge, wrangler: Wrangler, site: Path, script: str) -> None:
    assets = {"directory": "public", "binding": "ASSETS", "run_worker_first": ["/api/*"]}
    wrangler.write(ASKS_ITS_ASSETS, name=script, assets=assets)
    told = wrangler.run("deploy")
    assert "Uploaded 3 of 3 assets" in told
    assert "env.ASSETS" in told
    home = edge.visit(script)
    assert (home.text, home.headers["x-site"]) == ("<h1>home</h1>", "yes")
    assert edge.visit(script, "/img/dot.svg").headers["content-type"] == "image/svg+xml"
    assert edge.visit(script, "/old").headers["location"] == "/about"
    assert edge.visit(script, "/api/x").text == "worker /api/x"

    (site / "about.html").write_text("<h1>about us</h1>")
    assert "Found 1 new or modified static asset to upload" in wrangler.run("deploy")
    assert edge.visit(script, "/about").text == "<h1>about us</h1>"
    assert "No updated asset files to upload" in wrangler.run("deploy")


def test_versions_and_rollback(edge: RunningEdge, wrangler: Wrangler, site: Path, script: str) -> None:
    wrangler.write(ASKS_ITS_ASSETS, name=script, assets={"directory": "public", "binding": "ASSETS"})
    wrangler.run("deploy")
    (site / "about.html").unlink()
    (site / "index.html").write_text("<h1>new home</h1>")
    wrangler.run("versions", "upload")
    first, second = (version["id"] for version in wrangler.json("versions", "list", "--json"))
    assert edge.visit(script).text == "<h1>home</h1>"
    wrangler.run("versions", "deploy", f"{second}@100%", "-y")
    assert edge.visit(script).text == "<h1>new home</h1>"
    assert edge.visit(script, "/about").text == "worker /about"
    wrangler.run("rollback", first, "-y", "--message", "back")
    assert edge.visit(script, "/about").text == "<h1>about</h1>"


def test_a_site_without_a_worker(edge: RunningEdge, wrangler: Wrangler, site: Path, script: str) -> None:
    (site.parent / "wrangler.json").unlink(missing_ok=True)
    wrangler.run("deploy", "--assets", "public", "--name", script, "--compatibility-date", "2026-01-01")
    assert edge.visit(script, "/about").text == "<h1>about</h1>"
    assert edge.visit(script, "/none").status_code == 404


def test_a_rule_that_loops_fails_the_deploy(wrangler: Wrangler, site: Path, script: str) -> None:
    (site / "_redirects").write_text("/* /index.html 200\n")
    wrangler.write(ASKS_ITS_ASSETS, name=script, assets={"directory": "public", "binding": "ASSETS"})
    told = wrangler.run("deploy", check=False)
    assert "Invalid _redirects configuration" in told
    assert "code: 100324" in told


def test_a_workers_sites_project(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    handler = REPOSITORY / "node_modules/@cloudflare/kv-asset-handler/dist/index.js"
    wrangler.write(SITES_WORKER.replace("HANDLER", str(handler)), name=script, site={"bucket": "public"})
    wrangler.run("deploy")
    home = edge.visit(script)
    assert (home.status_code, home.text) == (200, "<h1>home</h1>")
    assert edge.visit(script, "/about.html").text == "<h1>about</h1>"
