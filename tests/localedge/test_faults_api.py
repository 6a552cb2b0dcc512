"""Faults of the API's answers, as clients meet them over HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.localedge.faults import EdgeFaults, rule

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

SCRIPTS = "/workers/scripts"


@pytest.fixture
def faults(edge: RunningEdge) -> EdgeFaults:
    return EdgeFaults(edge)


@pytest.mark.parametrize(
    ("fault", "status", "kind", "says"),
    [
        ({"status": 429, "retry_after": 7}, 429, "application/json", "throttling"),
        ({"status": 500}, 500, "application/json", "Internal server error"),
        ({"status": 500, "body": "html"}, 500, "text/html", "cloudflare"),
        ({"status": 502}, 502, "text/html", "502 Bad Gateway"),
        ({"status": 503}, 503, "text/html", "503 Service Unavailable"),
        ({"status": 504}, 504, "text/html", "504 Gateway Timeout"),
        ({"status": 524}, 524, "text/html", "524"),
        (
            {"status": 503, "body": "envelope", "code": 7, "message": "Gone fishing"},
            503,
            "application/json",
            "fish",
        ),
        ({"garbage": True}, 200, "application/json", "upstream"),
    ],
)
def test_a_wrong_answer_once(
    edge: RunningEdge, faults: EdgeFaults, fault: dict[str, Any], status: int, kind: str, says: str
) -> None:
    with faults.set(rule(fault, "GET", SCRIPTS, times=1)):
        answer = edge.raw("GET", SCRIPTS)
        assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
        assert says in answer.text
        assert answer.headers.get("retry-after") == ("7" if "retry_after" in fault else None)
        assert edge.api("GET", SCRIPTS).status == 200
        assert faults.met() == [1]
    assert edge.api("GET", SCRIPTS).status == 200


def test_a_rule_is_for_its_requests_alone(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    edge.deploy(script)
    broken = {"status": 500}
    with faults.set(
        rule(broken, ["POST", "PUT"], "/workers/scripts/*/deployments"),
        rule(broken, path="/storage/**"),
        rule(broken, regex="sub.omain$"),
    ):
        assert edge.api("GET", f"{SCRIPTS}/{script}/deployments").status == 200
        assert edge.api("POST", f"{SCRIPTS}/{script}/deployments", json={}).status == 500
        assert edge.api("GET", "/storage/kv/namespaces").status == 500
        assert edge.api("GET", "/workers/subdomain").status == 500
        assert edge.api("GET", f"{edge.told['api_url']}/user").status == 200
        assert faults.met() == [1, 1, 1]


def test_a_rule_can_be_for_one_token(edge: RunningEdge, faults: EdgeFaults) -> None:
    with faults.set(rule({"status": 500}, token="someone else"), rule({"status": 503}, token="root")):
        assert edge.raw("GET", SCRIPTS).status_code == 503


def test_uploads_of_assets_meet_faults_too(edge: RunningEdge, faults: EdgeFaults) -> None:
    with faults.set(rule({"status": 500}, "POST", "/workers/assets/upload")):
        assert edge.api("POST", "/workers/assets/upload").status == 500


def test_after_times_and_chance(edge: RunningEdge, faults: EdgeFaults) -> None:
    def statuses(count: int) -> list[int]:
        return [edge.raw("GET", SCRIPTS).status_code for _ in range(count)]

    with faults.set(rule({"status": 500}, after=2, times=2)):
        assert statuses(6) == [200, 200, 500, 500, 200, 200]
    chance = rule({"status": 500}, probability=0.5)
    with faults.set(chance, seed=1):
        first = statuses(30)
    with faults.set(chance, seed=1):
        assert statuses(30) == first
    with faults.set(chance, seed=2):
        assert statuses(30) != first
    assert 5 < first.count(500) < 25


def test_a_dropped_request_is_not_carried_out(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    with faults.set(rule({"drop": True}, "PUT", times=1)), pytest.raises(httpx2.TransportError):
        edge.deploy(script)
    assert edge.api("GET", f"{SCRIPTS}/{script}/deployments").status == 404


def test_a_lost_reply_is_of_a_request_that_was_carried_out(
    edge: RunningEdge, faults: EdgeFaults, script: str
) -> None:
    with faults.set(rule({"lose_reply": True}, "PUT", times=1)), pytest.raises(httpx2.TransportError):
        edge.deploy(script, "applied")
    assert edge.visit(script).json()["says"] == "applied"


def test_a_gateway_may_give_up_on_a_request_that_is_carried_out(
    edge: RunningEdge, faults: EdgeFaults, script: str
) -> None:
    with faults.set(rule({"status": 504, "applied": True}, "PUT")):
        assert edge.raw("PUT", f"{SCRIPTS}/{script}", **edge.greeter("applied")).status_code == 504
    assert edge.visit(script).json()["says"] == "applied"


@pytest.mark.parametrize("applied", [False, True])
def test_a_request_that_hangs(edge: RunningEdge, faults: EdgeFaults, script: str, applied: bool) -> None:
    with faults.set(rule({"hang": True, "applied": applied}, "PUT")):
        with pytest.raises(httpx2.ReadTimeout):
            edge.raw("PUT", f"{SCRIPTS}/{script}", timeout=3, **edge.greeter("late"))
        assert edge.api("GET", SCRIPTS).status == 200
    assert edge.api("GET", f"{SCRIPTS}/{script}/deployments").status == (200 if applied else 404)


def test_a_truncated_body(edge: RunningEdge, faults: EdgeFaults) -> None:
    with faults.set(rule({"truncated": True})), pytest.raises(httpx2.RemoteProtocolError):
        edge.raw("GET", SCRIPTS)


def test_slow_answers(edge: RunningEdge, faults: EdgeFaults) -> None:
    for fault in ({"delay_ms": 400}, {"slow_body_ms": 400}, {"status": 500, "delay_ms": 400}):
        with faults.set(rule(fault)):
            began = time.monotonic()
            answer = edge.raw("GET", SCRIPTS)
            assert time.monotonic() - began > 0.4
            assert answer.json()["success"] is (answer.status_code == 200)


def test_a_read_lags_behind_a_deployment(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    old = edge.deploy(script, "old")
    new = edge.add_version(script, "new")
    path = f"{SCRIPTS}/{script}/deployments"

    def serving(query: str = "") -> str:
        deployments = edge.api("GET", f"{path}{query}").result["deployments"]
        return str(deployments[0]["versions"][0]["version_id"])

    with faults.set(rule({"stale_ms": 60_000}, path="/workers/scripts/*/deployments")) as set_faults:
        assert serving("?per_page=5") == old
        made = edge.serve(script, (new, 100))
        assert made.status == 200
        assert edge.visit(script).json()["version"] == new
        assert (serving(), serving("?per_page=5"), serving("?per_page=1")) == (old, old, old)
        assert edge.api("GET", f"{path}/{made.result['id']}").status == 200
        assert set_faults.met()[0] > 1
    assert serving() == new


def test_a_lag_ends(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    edge.deploy(script, "old")
    path = f"{SCRIPTS}/{script}/versions"
    with faults.set(rule({"stale_ms": 1500}, path="/workers/scripts/*/versions")):
        edge.add_version(script, "new")
        assert len(edge.api("GET", path).result["items"]) == 1
        deadline = time.monotonic() + 20
        while len(edge.api("GET", path).result["items"]) != 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_write_that_fails_makes_no_lag(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    edge.deploy(script, "old")
    with faults.set(rule({"stale_ms": 60_000}, path="/workers/scripts/*/deployments")):
        assert edge.serve(script, ("no-such-version", 100)).status == 404
        edge.api("GET", f"{SCRIPTS}/{script}/deployments")
        assert faults.met() == [0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rules": {}},
        {"rules": [1]},
        {"rules": [{}]},
        {"rules": [{"fault": {}}]},
        {"rules": [{"fault": {"status": 200}}]},
        {"rules": [{"fault": {"status": 500, "drop": True}}]},
        {"rules": [{"fault": {"stale_ms": 5}}]},
        {"rules": [{"fault": {"explode": True}}]},
        {"rules": [{"fault": {"drop": True}, "probability": 2}]},
        {"rules": [{"fault": {"drop": True}, "times": 0}]},
        {"rules": [{"fault": {"drop": True}, "match": {"regex": "("}}]},
        {"rules": [{"fault": {"drop": True}, "match": {"path": 1}}]},
        {"rules": [{"fault": {"delay_ms": 1_000_000}}]},
        {"rules": [], "kill": "router"},
        {"rules": [{"fault": {"drop": True}}], "seed": "x"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    edge: RunningEdge, faults: EdgeFaults, body: dict[str, Any]
) -> None:
    assert edge.api("PUT", faults.url, json=body).codes == [10026]


def test_only_the_edges_own_token_sets_faults(edge: RunningEdge, faults: EdgeFaults) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer not-the-token"}):
        for method in ("GET", "PUT", "DELETE"):
            assert edge.raw(method, faults.url, headers=headers).status_code in (401, 403)
