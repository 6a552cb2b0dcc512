"""Object hosts as processes: what they reach, what outlives them, and what ends with the edge."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import RunningEdge
from tests.localedge.objects_workers import CALLEE, COUNTER
from tests.localedge.sites import FILES, deploy_site, site_form, upload_files
from tests.localedge.test_objects_api import BINDING, FIRST, META, call, deployed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REACHING = """
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  async seen() {
    await this.env.KV.put("from-object", "kept");
    const page = await this.env.ASSETS.fetch("http://site/style.css");
    return {
      kv: await this.env.KV.get("from-object"),
      called: await this.env.CALLEE.add(1, 2),
      site: await (await this.env.SITE.fetch("http://site/style.css")).text(),
      asset: await page.text(),
      secret: this.env.TOKEN,
      version: this.env.META.id,
    };
  }
}

export default {
  async fetch(request, env) { return Response.json(await env.COUNTER.getByName("main").seen()); },
};
"""


def test_an_object_has_its_worker_s_bindings(edge: RunningEdge, script: str) -> None:
    called, site = f"{script}-called", f"{script}-site"
    assert edge.api("PUT", f"/workers/scripts/{called}", **edge.form(CALLEE, bindings=[META])).status == 200
    deploy_site(edge, site)
    namespace = edge.api("POST", "/storage/kv/namespaces", json={"title": script}).result["id"]
    bindings = [
        META,
        BINDING,
        {"name": "KV", "type": "kv_namespace", "namespace_id": namespace},
        {"name": "CALLEE", "type": "service", "service": called},
        {"name": "SITE", "type": "service", "service": site},
        {"name": "ASSETS", "type": "assets"},
        {"name": "TOKEN", "type": "secret_text", "text": "s3cret"},
    ]
    form = site_form(
        upload_files(edge, script, FILES),
        REACHING,
        config={"run_worker_first": True},
        bindings=bindings,
        migrations=FIRST,
    )
    answer = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert answer.status == 200, answer
    style = FILES["/style.css"].decode()
    assert edge.visit(script).json() == {
        "kv": "kept",
        "called": 3,
        "site": style,
        "asset": style,
        "secret": "s3cret",
        "version": answer.result["version_id"],
    }


LOSING = """
import { DurableObject } from "cloudflare:workers";

export class Counter extends DurableObject {
  runs = 0;

  fetch(request) {
    if (new URL(request.url).pathname === "/runs") return new Response(`${this.runs}`);
    this.runs++;
    return fetch("http://127.0.0.1:9/");  // where nobody listens
  }
}

export default { fetch(request, env) { return env.COUNTER.getByName("main").fetch(request); } };
"""


def test_a_request_is_not_repeated_when_it_is_the_object_that_lost_a_connection(
    edge: RunningEdge, script: str
) -> None:
    form = edge.form(LOSING, bindings=[BINDING], migrations=FIRST)
    assert edge.api("PUT", f"/workers/scripts/{script}", **form).status == 200
    assert edge.visit(script).status_code == 500
    assert edge.visit(script, "/runs").text == "1"


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[RunningEdge]:
    """An edge of this test's own."""
    running = RunningEdge(tmp_path / "edge").start()
    yield running
    running.stop()


def test_objects_and_alarms_outlive_the_edge(lone: RunningEdge) -> None:
    deployed(lone, "shop", migrations=FIRST)
    assert call(lone, "shop", "increment") == 1
    call(lone, "shop", "alarmIn", arguments="[3000]")
    lone.stop()
    again = RunningEdge(lone.folder).start()
    lone.http, lone.told = again.http, again.told
    assert call(again, "shop", "increment") == 2
    _until(lambda: call(again, "shop", "alarms") == 1)
    assert again.api("GET", "/workers/services/shop").result["default_environment"]["script"]["migration_tag"]


def test_a_killed_host_comes_back_with_its_objects(lone: RunningEdge) -> None:
    deployed(lone, "shop", migrations=FIRST)
    assert call(lone, "shop", "increment") == 1
    (host,) = _hosts(lone)
    os.kill(host, signal.SIGKILL)
    assert lone.visit("shop").text == "2"  # a GET is repeated until the host is there again
    _until(lambda: lone.visit("shop", "/?call=where").status_code == 200)
    assert call(lone, "shop", "increment") == 3
    assert _hosts(lone) != [host]


def test_no_host_is_left_when_the_edge_is_killed(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    deployed(edge, "shop", migrations=FIRST)
    (host,) = _hosts(edge)
    edge.http.close()
    os.kill(edge.told["pid"], signal.SIGKILL)
    _until(lambda: not _runs(host))
    again = RunningEdge(edge.folder).start()
    assert call(again, "shop", "increment") == 1
    again.stop()


def test_a_class_of_its_own_for_each_worker(lone: RunningEdge) -> None:
    for script in ("one", "two"):
        deployed(lone, script, COUNTER, migrations=FIRST)
    assert [call(lone, script, "increment") for script in ("one", "two", "one")] == [1, 1, 2]
    assert len(_hosts(lone)) == 2


def _hosts(edge: RunningEdge) -> list[int]:
    """The processes of this edge that have Durable Objects, by their debug sockets."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if "workerd" in command and "/o" in command and str(edge.folder) in command and _is_host(command):
            found.append(int(folder.name))
    return sorted(found)


def _is_host(command: str) -> bool:
    return Path(command.rstrip("\0").rpartition("\0")[2]).parent.name.startswith("o")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
