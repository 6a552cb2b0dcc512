"""Workers as a whole: upload, list, read, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_an_uploaded_worker_serves_at_once(edge: RunningEdge, script: str) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.greeter("one"))
    assert answer.result["id"] == script
    assert answer.result["startup_time_ms"] >= 0
    assert edge.visit(script).json() == {
        "says": "one",
        "version": answer.result["version_id"],
        "secret": None,
    }


def test_the_next_upload_takes_over(edge: RunningEdge, script: str) -> None:
    first, second = edge.deploy(script, "one"), edge.deploy(script, "two")
    assert first != second
    assert edge.visit(script).json()["version"] == second


def test_the_sdk_names_its_fields_files(edge: RunningEdge, script: str) -> None:
    form = edge.greeter("sdk")["files"]
    answer = edge.api(
        "PUT",
        f"/workers/scripts/{script}",
        files=[("metadata", form["metadata"]), ("files", form["index.js"])],
    )
    assert answer.status == 200
    assert edge.visit(script).json()["says"] == "sdk"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("export default { fetch( }", "SyntaxError"),
        ("import './missing.js'; export default {}", "missing.js"),
        ("throw new Error('out of order'); export default {}", "out of order"),
    ],
)
def test_a_script_that_does_not_start_leaves_nothing_behind(
    edge: RunningEdge, script: str, code: str, told: str
) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(code))
    assert (answer.status, answer.codes) == (400, [10021])
    assert told in answer.message
    assert edge.api("GET", f"/workers/scripts/{script}/versions").codes == [10007]
    assert script not in [one["id"] for one in edge.api("GET", "/workers/scripts").result]


def test_a_bad_upload_leaves_the_good_one_serving(edge: RunningEdge, script: str) -> None:
    good = edge.deploy(script)
    assert edge.api("PUT", f"/workers/scripts/{script}", **edge.form("nonsense(")).codes == [10021]
    assert edge.visit(script).json()["version"] == good
    assert len(edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]) == 1


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        ({"name": "AI", "type": "ai"}, "ai"),
        ({"name": "DB", "type": "d1", "id": "x"}, "not found"),
        ({"name": "B", "type": "r2_bucket", "bucket_name": "b"}, "not found"),
        ({"name": "KV", "type": "kv_namespace", "namespace_id": "0" * 32}, "not found"),
        ({"name": "KV", "type": "kv_namespace"}, "namespace_id"),
    ],
)
def test_bindings_to_what_is_not_there_are_refused(
    edge: RunningEdge, script: str, binding: dict[str, str], told: str
) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.greeter("x", bindings=[binding]))
    assert answer.status == 400
    assert told in answer.message


@pytest.mark.parametrize("name", ["Upper", "with.dot", "-dash", "a" * 64, "ünder"])
def test_a_name_that_fits_no_host_is_refused(edge: RunningEdge, name: str) -> None:
    assert edge.api("PUT", f"/workers/scripts/{name}", **edge.greeter("x")).codes == [10016]


def test_the_service_tells_what_wrangler_asks_before_a_deploy(edge: RunningEdge, script: str) -> None:
    assert edge.api("GET", f"/workers/services/{script}").codes == [10090]
    edge.deploy(script)
    told = edge.api("GET", f"/workers/services/{script}").result["default_environment"]
    assert told["environment"] == "production"
    assert told["script"]["last_deployed_from"] == "api"
    assert len(told["script"]["tag"]) == 32


def test_the_source_is_told_by_the_client(edge: RunningEdge, script: str) -> None:
    edge.api("PUT", f"/workers/scripts/{script}", **edge.greeter("x"), headers={"User-Agent": "wrangler/4.0"})
    [version] = edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]
    assert version["metadata"]["source"] == "wrangler"


def test_the_code_can_be_read_back(edge: RunningEdge, script: str) -> None:
    first = edge.deploy(script, "one")
    edge.deploy(script, "two")
    latest = edge.raw("GET", f"/workers/scripts/{script}/content/v2")
    assert latest.headers["cf-entrypoint"] == "index.js"
    assert latest.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert 'says: "two"' in latest.text
    assert 'says: "one"' in edge.raw("GET", f"/workers/scripts/{script}/content/v2?version={first}").text


def test_a_deleted_worker_is_gone(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    assert edge.api("DELETE", f"/workers/scripts/{script}").status == 200
    assert edge.visit(script).status_code == 404
    assert edge.api("GET", f"/workers/scripts/{script}/deployments").codes == [10007]
    assert edge.api("DELETE", f"/workers/scripts/{script}").codes == [10007]
    assert edge.api("DELETE", f"/workers/services/{script}").codes == [10090]


def test_a_worker_can_come_back_after_it_was_deleted(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, "first life")
    edge.api("DELETE", f"/workers/services/{script}?force=true")
    edge.deploy(script, "second life")
    assert edge.visit(script).json()["says"] == "second life"
    assert len(edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"]) == 1


def test_before_deleting_wrangler_asks_who_depends_on_it(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    assert edge.api("GET", f"/workers/scripts/{script}/references").result["services"]["incoming"] == []
    assert edge.api("GET", f"/workers/tails/by-consumer/{script}").result == []


def test_a_worker_is_made_and_changed_in_one_moment(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    told = next(one for one in edge.api("GET", "/workers/scripts").result if one["id"] == script)
    assert told["modified_on"] == told["created_on"]
    edge.deploy(script, "two")
    told = next(one for one in edge.api("GET", "/workers/scripts").result if one["id"] == script)
    assert told["modified_on"] > told["created_on"]


def test_a_worker_over_the_platforms_limit_of_size_is_refused(edge: RunningEdge, script: str) -> None:
    form = edge.form("export default {};")
    form["files"]["large.bin"] = ("large.bin", bytes(64 * 1024**2), "application/octet-stream")
    for method, path in (
        ("PUT", f"/workers/scripts/{script}"),
        ("POST", f"/workers/scripts/{script}/versions"),
    ):
        if method == "POST":
            edge.deploy(script)
        answer = edge.api(method, path, **form)
        assert (answer.status, answer.codes) == (413, [10027])
        assert "64 MiB" in answer.message


@pytest.mark.parametrize("name", ["-x", "x-", "__proto__"])
def test_a_refused_name_is_told_how_names_begin_and_end(edge: RunningEdge, name: str) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{name}", **edge.form("export default {};"))
    assert answer.status == 400
    assert "begins and ends with a letter or digit" in answer.message
