"""Secrets: they reach the Worker and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge

SECRET = "p4ssw0rd-that-nobody-sees"


def put(edge: RunningEdge, script: str, name: str = "TOKEN", text: str = SECRET) -> Answer:
    body = {"name": name, "text": text, "type": "secret_text"}
    return edge.api("PUT", f"/workers/scripts/{script}/secrets", json=body)


def names(edge: RunningEdge, script: str) -> list[str]:
    return [secret["name"] for secret in edge.api("GET", f"/workers/scripts/{script}/secrets").result]


def test_a_secret_makes_a_new_version_that_serves_at_once(edge: RunningEdge, script: str) -> None:
    before = edge.deploy(script)
    assert put(edge, script).result == {"name": "TOKEN", "type": "secret_text"}
    told = edge.visit(script).json()
    assert (told["secret"], told["version"] != before) == (SECRET, True)
    latest = edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]
    assert latest["annotations"] == {"workers/triggered_by": "secret"}
    assert names(edge, script) == ["TOKEN"]


def test_the_next_upload_keeps_secrets_when_it_says_so(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    put(edge, script)
    edge.deploy(script, keep_bindings=["secret_text", "secret_key"])
    assert edge.visit(script).json()["secret"] == SECRET
    edge.deploy(script)
    assert edge.visit(script).json()["secret"] is None


def test_no_answer_and_no_log_has_a_secrets_text(edge: RunningEdge, script: str) -> None:
    version_id = edge.deploy(script, bindings=[{"name": "KEY", "type": "secret_text", "text": SECRET}])
    put(edge, script)
    put(edge, script, name="META")
    for path in ("secrets", "secrets/TOKEN", "settings", "versions", f"versions/{version_id}", "content/v2"):
        assert SECRET not in edge.raw("GET", f"/workers/scripts/{script}/{path}").text, path
    assert SECRET not in (edge.folder / "logs/edge.log").read_text()
    assert (edge.folder / "state.sqlite").stat().st_mode & 0o077 == 0


def test_a_removed_secret_is_gone(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    put(edge, script)
    assert edge.api("DELETE", f"/workers/scripts/{script}/secrets/TOKEN").status == 200
    assert edge.visit(script).json()["secret"] is None
    assert edge.api("GET", f"/workers/scripts/{script}/secrets/TOKEN").codes == [10056]
    assert edge.api("DELETE", f"/workers/scripts/{script}/secrets/TOKEN").codes == [10056]


def test_many_secrets_are_changed_in_one_version(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, bindings=[{"name": "OLD", "type": "secret_text", "text": "x"}])
    changes = {"TOKEN": {"name": "TOKEN", "text": SECRET, "type": "secret_text"}, "OLD": None}
    answer = edge.api("PATCH", f"/workers/scripts/{script}/secrets-bulk", json={"secrets": changes})
    assert answer.status == 200
    assert names(edge, script) == ["TOKEN"]
    assert len(edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]) == 2


def test_a_secret_is_refused_while_the_latest_version_does_not_serve(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    edge.add_version(script, "not yet")
    answer = put(edge, script)
    assert (answer.status, answer.codes) == (400, [10215])
    assert names(edge, script) == []


def test_a_secret_in_a_new_version_waits_for_its_deployment(edge: RunningEdge, script: str) -> None:
    serving = edge.deploy(script)
    path = f"/workers/workers/{script}/versions/latest"
    body = {"env": {"TOKEN": {"type": "secret_text", "text": SECRET}}, "annotations": {"workers/tag": "t"}}
    made = edge.api("PATCH", path, json=body, headers={"Content-Type": "application/merge-patch+json"}).result
    assert (made["number"], made["annotations"]["workers/tag"]) == (2, "t")
    assert SECRET not in str(made)
    assert edge.visit(script).json()["version"] == serving
    edge.serve(script, (made["id"], 100))
    assert edge.visit(script).json()["secret"] == SECRET


@pytest.mark.parametrize(
    "body", [{}, {"name": "A"}, {"text": "x"}, {"name": "A", "text": 1}, {"name": "", "text": "x"}]
)
def test_half_a_secret_is_refused(edge: RunningEdge, script: str, body: dict[str, Any]) -> None:
    edge.deploy(script)
    assert edge.api("PUT", f"/workers/scripts/{script}/secrets", json=body).codes == [10026]


def test_there_are_no_secrets_of_a_worker_that_is_not_there(edge: RunningEdge, script: str) -> None:
    assert put(edge, script).codes == [10007]
    assert edge.api("GET", f"/workers/scripts/{script}/secrets").codes == [10007]
