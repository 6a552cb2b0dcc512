"""Methods, queries and bodies that clients send beside the usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

SCRIPTS = "/workers/scripts"


def test_what_can_be_read_can_be_asked_for_its_head(edge: RunningEdge) -> None:
    whole, head = edge.raw("GET", SCRIPTS), edge.raw("HEAD", SCRIPTS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS"])
def test_a_method_that_is_not_there_is_told_in_the_envelope(edge: RunningEdge, method: str) -> None:
    answer = edge.api(method, "/storage/kv/namespaces")
    assert (answer.status, answer.codes) == (405, [7001])


def test_a_query_that_nobody_knows_is_not_looked_at(edge: RunningEdge) -> None:
    assert edge.api("GET", f"{SCRIPTS}?unheard=of&per_page=5").status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b'{"title": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(edge: RunningEdge, body: bytes) -> None:
    for path in ("/storage/kv/namespaces", "/tokens"):
        answer = edge.api("POST", path, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.codes) == (400, [10026]), body


def test_a_request_that_nobody_signed_is_told_how_to(edge: RunningEdge) -> None:
    answer = edge.api("GET", SCRIPTS, headers={"Authorization": ""})
    assert (answer.status, answer.codes) == (401, [10000])
    assert "Bearer" in answer.message


@pytest.mark.parametrize("name", ["Shop", "a b", "-x", "x" * 64, "shop.js"])
def test_a_worker_s_name_has_to_fit_a_host(edge: RunningEdge, name: str) -> None:
    assert edge.api("PUT", f"{SCRIPTS}/{name}", **edge.greeter("x")).codes == [10016]


def test_deployments_by_others_are_seen_with_what_made_them(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    version_id = edge.add_version(script, "by another")
    body = {
        "versions": [{"version_id": version_id, "percentage": 100}],
        "annotations": {"workers/message": "mine"},
    }
    made = edge.api(
        "POST",
        f"{SCRIPTS}/{script}/deployments",
        json=body,
        headers={"User-Agent": "terraform-provider-cloudflare/5"},
    )
    assert made.status == 200
    newest, oldest = edge.api("GET", f"{SCRIPTS}/{script}/deployments").result["deployments"]
    assert (newest["source"], oldest["source"]) == ("terraform", "api")
    assert newest["author_email"] == "developer@localhost"
    assert newest["annotations"]["workers/message"] == "mine"


def test_a_message_is_cut_at_1000_bytes_and_a_tag_is_refused_over_100(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    noted = {"workers/message": "é" * 600, "workers/tag": "t" * 100}
    version_id = edge.add_version(script, "noted", annotations=noted)
    found = edge.api("GET", f"{SCRIPTS}/{script}/versions/{version_id}").result["annotations"]
    assert found["workers/message"] == "é" * 500
    assert found["workers/tag"] == "t" * 100
    refused = edge.api(
        "POST", f"{SCRIPTS}/{script}/versions", **edge.greeter("x", annotations={"workers/tag": "t" * 101})
    )
    assert (refused.status, refused.codes) == (400, [10021])
