"""Versions: uploaded without serving, listed, told."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_an_uploaded_version_does_not_serve_yet(edge: RunningEdge, script: str) -> None:
    serving = edge.deploy(script, "one")
    edge.add_version(script, "two")
    assert edge.visit(script).json()["version"] == serving


def test_there_is_no_version_of_a_worker_that_is_not_there(edge: RunningEdge, script: str) -> None:
    answer = edge.api("POST", f"/workers/scripts/{script}/versions", **edge.greeter("x"))
    assert (answer.status, answer.codes) == (404, [10007])


def test_a_version_is_told_as_on_the_platform(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    version_id = edge.add_version(
        script,
        "x",
        bindings=[{"name": "TOKEN", "type": "secret_text", "text": "s3cret"}],
        compatibility_flags=["nodejs_compat"],
        annotations={"workers/message": "a message", "workers/tag": "v2"},
    )
    response = edge.raw("GET", f"/workers/scripts/{script}/versions/{version_id}")
    assert "s3cret" not in response.text
    told = response.json()["result"]
    assert (told["id"], told["number"]) == (version_id, 2)
    assert told["metadata"]["source"] == "api"
    assert told["metadata"]["author_email"] == "developer@localhost"
    assert told["annotations"] == {
        "workers/triggered_by": "version_upload",
        "workers/message": "a message",
        "workers/tag": "v2",
    }
    assert told["resources"]["script_runtime"]["compatibility_flags"] == ["nodejs_compat"]
    assert told["resources"]["bindings"] == [
        {"name": "META", "type": "version_metadata"},
        {"name": "TOKEN", "type": "secret_text"},
    ]


def test_the_same_code_has_the_same_etag(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, "one")
    edge.add_version(script, "one")
    edge.add_version(script, "two")
    listed = edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]
    two, again, one = (version["resources"]["script"]["etag"] for version in listed)
    assert one == again != two


def test_versions_are_listed_newest_first_in_pages_that_end(edge: RunningEdge, script: str) -> None:
    ids = [edge.deploy(script), *(edge.add_version(script, "x") for _ in range(2))]
    path = f"/workers/scripts/{script}/versions"
    first, second, third = (edge.api("GET", f"{path}?per_page=2&page={page}") for page in (1, 2, 3))
    assert [version["id"] for version in first.result["items"]] == [ids[2], ids[1]]
    assert [version["id"] for version in second.result["items"]] == [ids[0]]
    assert third.result["items"] == []
    assert first.info == {"page": 1, "per_page": 2, "count": 2, "total_count": 3, "total_pages": 2}
    assert len(edge.api("GET", f"{path}?deployable=true&page=7").result["items"]) == 3


def test_a_page_that_is_no_number_is_refused(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    for query in ("page=0", "page=x", "per_page=-1"):
        assert edge.api("GET", f"/workers/scripts/{script}/versions?{query}").status == 400


def test_an_unknown_version_is_missing(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    answer = edge.api("GET", f"/workers/scripts/{script}/versions/{uuid4()}")
    assert (answer.status, answer.codes) == (404, [10130])


def test_bindings_are_inherited_from_the_latest_version(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, bindings=[{"name": "TOKEN", "type": "secret_text", "text": "s3cret"}])
    path = f"/workers/scripts/{script}/versions?bindings_inherit=strict"
    inherited = edge.api("POST", path, **edge.greeter("x", bindings=[{"name": "TOKEN", "type": "inherit"}]))
    edge.serve(script, (inherited.result["id"], 100))
    assert edge.visit(script).json()["secret"] == "s3cret"
    refused = edge.api("POST", path, **edge.greeter("x", bindings=[{"name": "OTHER", "type": "inherit"}]))
    assert (refused.status, refused.codes) == (400, [10057])


def test_a_body_that_is_no_form_is_refused(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    answer = edge.api("POST", f"/workers/scripts/{script}/versions", content=b"hello")
    assert (answer.status, answer.codes) == (400, [10026])
