"""Deployments: which versions serve, and that nothing is lost on the way."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx2

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_two_versions_share_the_traffic(edge: RunningEdge, script: str) -> None:
    old, new = edge.deploy(script, "old"), edge.add_version(script, "new")
    assert edge.serve(script, (old, 50), (new, 50)).status == 200
    counted = Counter(edge.visit(script).json()["version"] for _ in range(60))
    assert counted.keys() == {old, new}


def test_a_version_at_nought_is_reached_only_by_override(edge: RunningEdge, script: str) -> None:
    old, new = edge.deploy(script, "old"), edge.add_version(script, "new")
    edge.serve(script, (old, 100), (new, 0))
    assert {edge.visit(script).json()["version"] for _ in range(10)} == {old}
    override = {"Cloudflare-Workers-Version-Overrides": f'{script}="{new}"'}
    assert edge.visit(script, **override).json()["version"] == new


def test_a_deployment_is_told_as_on_the_platform(edge: RunningEdge, script: str) -> None:
    version_id = edge.deploy(script)
    made = edge.serve(script, (version_id, 100), annotations={"workers/message": "again"}).result
    assert made["strategy"] == "percentage"
    assert made["versions"] == [{"version_id": version_id, "percentage": 100}]
    assert made["annotations"] == {"workers/triggered_by": "deployment", "workers/message": "again"}
    assert made["author_email"] == "developer@localhost"
    path = f"/workers/scripts/{script}/deployments"
    assert edge.api("GET", f"{path}/{made['id']}").result == made
    latest, first = edge.api("GET", path).result["deployments"]
    assert latest == made
    assert first["annotations"] == {"workers/triggered_by": "upload"}


def test_deployments_are_listed_newest_first_in_pages_that_end(edge: RunningEdge, script: str) -> None:
    versions = [edge.deploy(script) for _ in range(3)]
    path = f"/workers/scripts/{script}/deployments"
    first, second, third = (edge.api("GET", f"{path}?per_page=2&page={page}") for page in (1, 2, 3))
    listed = [deployment["versions"][0]["version_id"] for deployment in first.result["deployments"]]
    assert listed == [versions[2], versions[1]]
    assert (len(second.result["deployments"]), third.result["deployments"]) == (1, [])
    assert first.info["total_count"] == 3


def test_deployments_of_a_time_are_found(edge: RunningEdge, script: str) -> None:
    for _ in range(3):
        edge.deploy(script)
    path = f"/workers/scripts/{script}/deployments"
    _, middle, _ = edge.api("GET", path).result["deployments"]
    at = middle["created_on"]
    assert edge.api("GET", f"{path}?since={at}&until={at}").result["deployments"] == [middle]
    assert len(edge.api("GET", f"{path}?since={at}").result["deployments"]) == 2
    assert edge.api("GET", f"{path}?until=2001-01-01T00:00:00%2B02:00").result["deployments"] == []
    assert edge.api("GET", f"{path}?since=yesterday").codes == [10026]


def test_shares_that_do_not_sum_up_change_nothing(edge: RunningEdge, script: str) -> None:
    version_id = edge.deploy(script)
    answer = edge.serve(script, (version_id, 90))
    assert (answer.status, answer.codes) == (400, [10026])
    assert len(edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"]) == 1


def test_an_unknown_version_or_worker_is_missing(edge: RunningEdge, script: str) -> None:
    assert edge.serve(script, (str(uuid4()), 100)).codes == [10007]
    version_id = edge.deploy(script)
    answer = edge.serve(script, (version_id, 50), (str(uuid4()), 50))
    assert (answer.status, answer.codes) == (404, [10130])


def test_the_deployment_that_serves_cannot_be_deleted(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    edge.deploy(script)
    path = f"/workers/scripts/{script}/deployments"
    latest, old = (deployment["id"] for deployment in edge.api("GET", path).result["deployments"])
    assert edge.api("DELETE", f"{path}/{latest}").status == 409
    assert edge.api("DELETE", f"{path}/{old}").status == 200
    assert edge.api("GET", f"{path}/{old}").status == 404


def test_an_old_version_that_was_stopped_serves_again(edge: RunningEdge, script: str) -> None:
    first = edge.deploy(script, "first")
    for number in range(4):
        edge.deploy(script, f"later {number}")
    assert edge.serve(script, (first, 100)).status == 200
    assert edge.visit(script).json()["says"] == "first"


def test_going_back_over_a_changed_secret_has_to_be_forced(edge: RunningEdge, script: str) -> None:
    first = edge.deploy(script)
    edge.api("PUT", f"/workers/scripts/{script}/secrets", json={"name": "TOKEN", "text": "s3cret"})
    refused = edge.serve(script, (first, 100))
    assert (refused.status, refused.codes) == (400, [10220])
    assert "The following secrets have changed: TOKEN" in refused.message
    assert edge.visit(script).json()["secret"] == "s3cret"
    assert edge.serve(script, (first, 100), query="?force=true").status == 200
    assert edge.visit(script).json() == {"says": "hello", "version": first, "secret": None}


def test_deployments_at_once_happen_one_after_the_other(edge: RunningEdge, script: str) -> None:
    versions = [edge.deploy(script), *(edge.add_version(script, "x") for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda version_id: edge.serve(script, (version_id, 100)), versions * 2))
    assert [answer.status for answer in answers] == [200] * 8
    latest = edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]
    assert edge.visit(script).json()["version"] == latest["versions"][0]["version_id"]


def test_no_request_is_lost_while_versions_come_and_go(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    seen: Counter[str] = Counter()
    stop = threading.Event()

    def visit_all_the_time() -> None:
        port = edge.told["traffic_url"].rpartition(":")[2]
        with httpx2.Client(timeout=10, headers={"Host": f"{script}.localhost:{port}"}) as http:
            while not stop.is_set():
                response = http.get(edge.told["traffic_url"])
                seen["lost" if response.status_code != 200 else response.json()["version"]] += 1

    with ThreadPoolExecutor(2) as pool:
        visitors = [pool.submit(visit_all_the_time) for _ in range(2)]
        deployed = [edge.deploy(script, f"number {number}") for number in range(6)]
        for version_id in deployed[::-1]:
            edge.serve(script, (version_id, 100))
        stop.set()
        for visitor in visitors:
            visitor.result()
    assert seen["lost"] == 0
    assert len(seen) >= 3, "the visitors were too slow to see the change"


def test_a_version_whose_namespace_is_gone_does_not_come_back(edge: RunningEdge, script: str) -> None:
    namespace = edge.api("POST", "/storage/kv/namespaces", json={"title": script}).result["id"]
    bound = edge.deploy(script, bindings=[{"name": "KV", "type": "kv_namespace", "namespace_id": namespace}])
    edge.deploy(script)
    edge.api("DELETE", f"/storage/kv/namespaces/{namespace}")
    refused = edge.serve(script, (bound, 100))
    assert (refused.status, refused.codes) == (400, [10041])


def test_a_client_does_not_say_what_triggered_a_deployment(edge: RunningEdge, script: str) -> None:
    version_id = edge.deploy(script, annotations={"workers/triggered_by": "magic"})
    made = edge.serve(script, (version_id, 100), annotations={"workers/triggered_by": "magic"})
    assert made.result["annotations"] == {"workers/triggered_by": "deployment"}
    told = edge.api("GET", f"/workers/scripts/{script}/versions/{version_id}").result
    assert told["annotations"] == {"workers/triggered_by": "upload"}
