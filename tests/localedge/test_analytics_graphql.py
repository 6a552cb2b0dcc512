"""GraphQL analytics of invocations, as public clients ask for them, against load that is known."""

# ruff: noqa: ANN401 - JSON

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/throw") throw new Error("as asked");
    return new Response("", { status: Number(path.slice(1)) });
  },
};
"""

# The example of Cloudflare's documentation, `string` and all:
# https://developers.cloudflare.com/analytics/graphql-api/tutorials/querying-workers-metrics/
DOCUMENTED = """
query GetWorkersAnalytics(
  $accountTag: string, $datetimeStart: string, $datetimeEnd: string, $scriptName: string) {
  viewer {
    accounts(filter: {accountTag: $accountTag}) {
      workersInvocationsAdaptive(limit: 100, filter: {
        scriptName: $scriptName, datetime_geq: $datetimeStart, datetime_leq: $datetimeEnd
      }) {
        sum { subrequests requests errors }
        quantiles { cpuTimeP50 cpuTimeP99 }
        dimensions { datetime scriptName status }
      }
    }
  }
}
"""
BY_VERSION = """
query ($account: String!, $filter: AccountWorkersInvocationsAdaptiveFilter_InputObject) {
  viewer { accounts(filter: {accountTag: $account}) {
    workersInvocationsAdaptive(limit: 10000, filter: $filter, orderBy: [scriptVersion_ASC]) {
      sum { requests errors wallTime duration cpuTimeUs responseBodySize }
      quantiles { wallTimeP50 wallTimeP99 requestDurationP999 }
      avg { sampleInterval }
      dimensions { scriptVersion }
    }
  } }
}
"""
STATUSES = """
query ($account: string!, $script: string!, $from: Time!) {
  viewer { accounts(filter: {accountTag: $account}) {
    workersInvocationsAdaptive(
      limit: 10, filter: {scriptName_in: [$script], datetime_geq: $from, status_neq: "success"},
      orderBy: [sum_requests_DESC]
    ) { ...told }
    pagesFunctionsInvocationsAdaptiveGroups(limit: 10) { sum { requests } }
  } }
}
fragment told on AccountWorkersInvocationsAdaptive {
  sum { requests errors } dimensions { status usageModel } }
"""


def graphql(edge: RunningEdge, query: str, **variables: Any) -> dict[str, Any]:
    variables = {"account": edge.told["account_id"], **variables}
    body = {"query": query, "variables": variables}
    response = edge.raw("POST", f"{edge.told['api_url']}/graphql", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def rows(edge: RunningEdge, query: str, **variables: Any) -> list[dict[str, Any]]:
    answer = graphql(edge, query, **variables)
    assert answer["errors"] is None, answer
    found: list[dict[str, Any]] = answer["data"]["viewer"]["accounts"][0]["workersInvocationsAdaptive"]
    return found


def ago(seconds: float) -> str:
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.fixture
def failer(edge: RunningEdge, script: str) -> str:
    edge.api("PUT", f"/workers/scripts/{script}", **edge.form(FAILER))
    for path in ("/200", "/200", "/503", "/throw"):
        edge.visit(script, path)
    return script


def test_the_documented_query_tells_what_was_sent(edge: RunningEdge, failer: str) -> None:
    told = rows(
        edge,
        DOCUMENTED,
        accountTag=edge.told["account_id"],
        datetimeStart=ago(600),
        datetimeEnd=ago(-600),
        scriptName=failer,
    )
    assert {row["dimensions"]["scriptName"] for row in told} == {failer}
    assert all(row["dimensions"]["datetime"] > ago(600) for row in told)
    by_status = {
        status: sum(row["sum"]["requests"] for row in told if row["dimensions"]["status"] == status)
        for status in ("success", "scriptThrewException")
    }
    assert by_status == {"success": 3, "scriptThrewException": 1}  # a 503 is no error of the Worker
    assert sum(row["sum"]["errors"] for row in told) == 1


def test_fragments_lists_operators_and_order_are_understood(edge: RunningEdge, failer: str) -> None:
    told = rows(edge, STATUSES, script=failer, **{"from": ago(600)})
    assert told == [
        {
            "sum": {"requests": 1, "errors": 1},
            "dimensions": {"status": "scriptThrewException", "usageModel": "standard"},
        }
    ]


def test_a_split_is_told_by_version(edge: RunningEdge, script: str) -> None:
    old = edge.deploy(script, "old")
    new = edge.add_version(script, "new")
    assert edge.serve(script, (old, 50), (new, 50)).status == 200
    sent = {old: 7, new: 5}
    for version, times in sent.items():
        for _ in range(times):
            edge.visit(script, **{"Cloudflare-Workers-Version-Overrides": f'{script}="{version}"'})
    told = rows(edge, BY_VERSION, filter={"scriptName": script, "datetime_geq": ago(600)})
    assert {row["dimensions"]["scriptVersion"]: row["sum"]["requests"] for row in told} == sent
    for row in told:
        assert 0 < row["quantiles"]["wallTimeP50"] <= row["quantiles"]["wallTimeP99"]
        assert row["sum"]["responseBodySize"] is None
        assert row["avg"]["sampleInterval"] == 1
    either = {"OR": [{"scriptVersion": old}, {"scriptVersion_in": [new]}], "scriptName": script}
    assert len(rows(edge, BY_VERSION, filter=either)) == 2
    assert rows(edge, BY_VERSION, filter={**either, "datetime_lt": ago(600)}) == []


def test_what_is_young_is_not_told_when_a_delay_is_set(edge: RunningEdge, failer: str) -> None:
    path = edge.told["api_url"].replace("/client/v4", "/edge/analytics")
    try:
        set_ = edge.api("PUT", path, json={"delay_seconds": 60})
        assert set_.result == {"delay_seconds": 60, "sample_interval": 1}
        assert rows(edge, BY_VERSION, filter={"scriptName": failer}) == []
    finally:
        assert edge.api("PUT", path, json={}).result == {"delay_seconds": 0, "sample_interval": 1}
    assert rows(edge, BY_VERSION, filter={"scriptName": failer})[0]["sum"]["requests"] == 4
    assert edge.api("PUT", path, json={"sample_interval": 0}).codes == [10026]


def test_sampled_answers_are_scaled(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    for _ in range(200):
        edge.visit(script)
    path = edge.told["api_url"].replace("/client/v4", "/edge/analytics")
    try:
        edge.api("PUT", path, json={"sample_interval": 10})
        (row,) = rows(edge, BY_VERSION, filter={"scriptName": script})
        assert rows(edge, BY_VERSION, filter={"scriptName": script}) == [row]
    finally:
        edge.api("PUT", path, json={})
    assert row["avg"]["sampleInterval"] == 10
    assert row["sum"]["requests"] % 10 == 0
    assert 20 <= row["sum"]["requests"] <= 500  # 200 on average, by chance within 4 sigma of 20


INVOCATIONS = "{viewer{accounts(filter:{accountTag:$account}){workersInvocationsAdaptive(%s){count}}}}"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "Syntax Error"),
        ("{ viewer { nothing } }", "Cannot query field 'nothing'"),
        ("query($account:string!)" + INVOCATIONS % "limit: 10001", "limit must be positive"),
        ("query($account:string!)" + INVOCATIONS % 'limit: 1, filter: {datetime_geq: "soon"}', "not a time"),
        ('{viewer{accounts(filter:{accountTag:"another"}){accountTag}}}', "not authorized for that account"),
    ],
)
def test_what_is_wrong_is_told_in_the_envelope(edge: RunningEdge, query: str, message: str) -> None:
    answer = graphql(edge, query)
    assert answer["data"] is None
    assert message in answer["errors"][0]["message"]
    assert {"code", "timestamp"} <= answer["errors"][0]["extensions"].keys()


def test_the_schema_can_be_introspected(edge: RunningEdge) -> None:
    query = '{ __type(name: "AccountWorkersInvocationsAdaptiveSum") { fields { name } } }'
    fields = {field["name"] for field in graphql(edge, query)["data"]["__type"]["fields"]}
    assert {"requests", "errors", "subrequests", "cpuTimeUs", "wallTime", "duration"} <= fields


@pytest.fixture
def own_edge(tmp_path: Path) -> Iterator[RunningEdge]:
    running = RunningEdge(tmp_path / "own").start()
    yield running
    running.stop()


def test_measurements_outlive_the_edge(own_edge: RunningEdge) -> None:
    own_edge.deploy("shop")
    for _ in range(3):
        own_edge.visit("shop")
    own_edge.stop()
    again = RunningEdge(own_edge.folder).start()
    own_edge.http, own_edge.told = again.http, again.told
    own_edge.visit("shop")
    told = rows(own_edge, BY_VERSION, filter={"scriptName": "shop"})
    assert [row["sum"]["requests"] for row in told] == [4]
