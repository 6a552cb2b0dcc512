"""The real wrangler does its work on the local edge, and the Workers serve what it says."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import GREETER
from tests.localedge.wrangler import Wrangler, first_event, signal_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

META = {"binding": "META"}

COUNTER = """
export default {
  async fetch(request, env) {
    const key = new URL(request.url).pathname.slice(1);
    console.log("counting", key);
    return new Response(await env.CACHE.get(key));
  },
};
"""


@pytest.fixture
def wrangler(edge: RunningEdge, tmp_path: Path) -> Wrangler:
    return Wrangler(edge, tmp_path / "project")


def test_deploy_split_and_rollback(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    wrangler.write(GREETER.replace("SAYS", "one"), name=script, version_metadata=META)
    assert f"{script}.localhost" in wrangler.run("deploy")
    assert edge.visit(script).json()["says"] == "one"

    wrangler.write(GREETER.replace("SAYS", "two"), name=script, version_metadata=META)
    wrangler.run("deploy", "--message", "the second")
    second = edge.visit(script).json()
    assert second["says"] == "two"

    wrangler.write(GREETER.replace("SAYS", "three"), name=script, version_metadata=META)
    wrangler.run("versions", "upload", "--tag", "v3", "--message", "the third")
    listed = wrangler.json("versions", "list", "--json")
    assert [version["number"] for version in listed] == [1, 2, 3]
    third = listed[-1]["id"]
    viewed = wrangler.json("versions", "view", third, "--json")
    assert viewed["annotations"]["workers/tag"] == "v3"
    assert edge.visit(script).json()["says"] == "two"

    wrangler.run("versions", "deploy", f"{third}@50%", f"{second['version']}@50%", "-y", "--message", "half")
    assert {edge.visit(script).json()["says"] for _ in range(40)} == {"two", "three"}
    status = wrangler.json("deployments", "status", "--json")
    assert status["annotations"]["workers/message"] == "half"
    assert {share["version_id"] for share in status["versions"]} == {third, second["version"]}

    wrangler.run("rollback", "-y", "--message", "three is not good")
    assert {edge.visit(script).json()["says"] for _ in range(10)} == {"two"}
    history = wrangler.json("deployments", "list", "--json")
    assert [len(deployment["versions"]) for deployment in history] == [1, 1, 2, 1]


def test_a_worker_that_does_not_start_is_told_in_workerds_words(
    edge: RunningEdge, wrangler: Wrangler, script: str
) -> None:
    wrangler.write("throw new Error('out of order'); export default {}", name=script)
    told = wrangler.run("deploy", check=False)
    assert "out of order" in told
    assert "10021" in told
    assert edge.visit(script).status_code == 404


def test_who_one_is(wrangler: Wrangler) -> None:
    wrangler.write(GREETER, name="nobody")
    told = wrangler.json("whoami", "--json")
    assert (told["loggedIn"], told["email"]) == (True, "developer@localhost")
    assert [account["name"] for account in told["accounts"]] == ["local edge"]


def test_secrets(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    wrangler.write(GREETER, name=script, version_metadata=META)
    wrangler.run("deploy")
    wrangler.run("secret", "put", "TOKEN", typed="first text")
    assert edge.visit(script).json()["secret"] == "first text"
    assert wrangler.json("secret", "list") == [{"name": "TOKEN", "type": "secret_text"}]

    wrangler.run("versions", "secret", "put", "TOKEN", typed="second text")
    assert edge.visit(script).json()["secret"] == "first text"
    latest = wrangler.json("versions", "list", "--json")[-1]["id"]
    wrangler.run("versions", "deploy", f"{latest}@100%", "-y")
    assert edge.visit(script).json()["secret"] == "second text"

    wrangler.run("deploy")
    assert edge.visit(script).json()["secret"] == "second text"
    wrangler.run("secret", "bulk", typed='{"TOKEN": null, "OTHER": "x"}')
    assert edge.visit(script).json()["secret"] is None


def test_kv_and_tail(edge: RunningEdge, wrangler: Wrangler, script: str, tmp_path: Path) -> None:
    wrangler.write(COUNTER, name=script)
    wrangler.run("kv", "namespace", "create", script)
    [created] = [found for found in wrangler.json("kv", "namespace", "list") if found["title"] == script]
    remote = ["--remote", "--namespace-id", created["id"]]

    wrangler.run("kv", "key", "put", "a/b", "one", "--ttl", "600", "--metadata", '{"n": 1}', *remote)
    assert wrangler.run("kv", "key", "get", "a/b", *remote) == "one"
    [key] = wrangler.json("kv", "key", "list", *remote)
    assert (key["name"], key["metadata"]) == ("a/b", {"n": 1})
    wrangler.run("kv", "key", "delete", "a/b", *remote)

    (tmp_path / "values.json").write_text(json.dumps([{"key": k, "value": f"value {k}"} for k in "xyz"]))
    (tmp_path / "keys.json").write_text(json.dumps(["x", "y"]))
    wrangler.run("kv", "bulk", "put", str(tmp_path / "values.json"), *remote)
    wrangler.run("kv", "bulk", "delete", str(tmp_path / "keys.json"), "--force", *remote)
    assert [key["name"] for key in wrangler.json("kv", "key", "list", *remote)] == ["z"]

    namespaces = [{"binding": "CACHE", "id": created["id"]}]
    wrangler.write(COUNTER, name=script, kv_namespaces=namespaces)
    wrangler.run("deploy")
    assert edge.visit(script, "/z").text == "value z"

    with wrangler.start("tail", "--format", "json") as tail:
        event = first_event(edge, script, tail)
        signal_to(tail, signal.SIGINT)
    assert event["logs"][0]["message"] == ["counting", "z"]
    assert edge.api("GET", f"/workers/scripts/{script}/tails").result is None

    assert "Successfully deleted" in wrangler.run("delete", "--force")
    assert edge.visit(script).status_code == 404
