"""The official Python SDK on Workers observability; its own types read every answer."""

# ruff: noqa: ANN401 - filters, as plain dictionaries
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import cloudflare
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localedge.client import RunningEdge

TALKER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    console.log({ message: "asked", path, size: path.length, deep: { yes: true } });
    console.warn("for", path, { n: 1 });
    if (path === "/throw") throw new TypeError("as asked");
    return new Response("ok", { status: path === "/made" ? 201 : 200 });
  },
};
"""
WAIT_SECONDS = 20


class Asking:
    """Questions about one Worker, from before it was made."""

    def __init__(self, edge: RunningEdge, sdk: cloudflare.Cloudflare, script: str) -> None:
        self.account = edge.told["account_id"]
        self.telemetry = sdk.workers.observability.telemetry
        self.script = script
        self.begin = int(time.time() * 1000) - 1000

    @property
    def now(self) -> int:
        return int(time.time() * 1000) + 1000

    def messages(self, **parameters: Any) -> list[str | None]:
        whole: Any = {"filters": [self.own], **parameters}
        answer = self.telemetry.query(
            account_id=self.account,
            query_id="ad-hoc",
            timeframe={"from": self.begin, "to": self.now},
            view="events",
            limit=100,
            parameters=whole,
        )
        assert answer.events is not None
        return [event.metadata.message for event in answer.events.events or []]

    @property
    def own(self) -> Any:
        return {"key": "$metadata.service", "operation": "eq", "type": "string", "value": self.script}


@pytest.fixture
def asking(edge: RunningEdge, sdk: cloudflare.Cloudflare, script: str) -> Iterator[Asking]:
    """A Worker that is observed, and was asked for /hello twice, for /made and for /throw."""
    asking = Asking(edge, sdk, script)
    observability = {"enabled": True, "head_sampling_rate": 1}
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(TALKER, observability=observability))
    assert answer.status == 200, answer
    until = time.monotonic() + WAIT_SECONDS
    while "GET /begin" not in asking.messages():  # it is observed a moment after it is deployed
        assert time.monotonic() < until
        edge.visit(script, "/begin")
        time.sleep(0.2)
    for path in ("/hello", "/hello", "/made", "/throw"):
        edge.visit(script, path)
    while "GET /throw" not in asking.messages():
        assert time.monotonic() < until
        time.sleep(0.1)
    yield asking
    edge.api("DELETE", f"/workers/scripts/{script}")


def test_events_and_their_filters(asking: Asking) -> None:
    told = asking.messages()
    assert told.count("GET /hello") == 2
    assert told.count('for /hello {"n": 1}') == 2
    assert "TypeError: as asked" in told
    thrown = {"key": "$workers.outcome", "operation": "eq", "type": "string", "value": "exception"}
    assert asking.messages(filters=[asking.own, thrown]).count("asked") == 1
    made = {"key": "$metadata.statusCode", "operation": "gte", "type": "number", "value": 201}
    assert asking.messages(filters=[asking.own, made]) == ["GET /made"]
    group = {"kind": "group", "filterCombination": "or", "filters": [made, thrown]}
    assert len(asking.messages(filters=[asking.own, group])) == 1 + 4
    assert set(asking.messages(filters=[asking.own], needle={"value": "TYPEERROR"})) == {
        "TypeError: as asked"
    }


def test_pages_of_events(asking: Asking) -> None:
    whole = asking.messages()
    seen: list[str | None] = []
    after: str | cloudflare.Omit = cloudflare.omit
    for _ in whole:
        answer = asking.telemetry.query(
            account_id=asking.account,
            query_id="ad-hoc",
            timeframe={"from": asking.begin, "to": asking.now},
            limit=3,
            offset=after,
            parameters={"filters": [asking.own]},
        )
        assert answer.events is not None
        if not answer.events.events:
            break
        seen += [event.metadata.message for event in answer.events.events]
        after = answer.events.events[-1].metadata.id
    assert seen == whole


def test_calculations_by_group(asking: Asking) -> None:
    parameters: Any = {
        "calculations": [
            {"operator": "count", "alias": "times"},
            {"operator": "max", "key": "size", "keyType": "number"},
            {"operator": "p90", "key": "$workers.wallTimeMs", "keyType": "number"},
        ],
        "filters": [asking.own, {"key": "path", "operation": "neq", "type": "string", "value": "/begin"}],
        "groupBys": [{"type": "string", "value": "path"}],
        "orderBy": {"value": "times", "order": "desc"},
    }
    answer = asking.telemetry.query(
        account_id=asking.account,
        query_id="ad-hoc",
        timeframe={"from": asking.begin, "to": asking.now},
        view="calculations",
        parameters=parameters,
    )
    assert answer.calculations is not None
    times, size, _ = answer.calculations
    found = {group.groups[0].value: group.value for group in times.aggregates if group.groups}
    assert found == {"/hello": 2, "/made": 1, "/throw": 1}
    assert times.aggregates[0].value == 2
    assert {group.value for group in size.aggregates} == {5, 6}
    assert sum(point.value for step in times.series for point in step.data) == 4


def test_invocations(asking: Asking) -> None:
    answer = asking.telemetry.query(
        account_id=asking.account,
        query_id="ad-hoc",
        timeframe={"from": asking.begin, "to": asking.now},
        view="invocations",
        parameters={"filters": [asking.own]},
    )
    assert answer.invocations is not None
    made = [
        events
        for events in answer.invocations.values()
        if any(event.metadata.message == "GET /made" for event in events)
    ]
    assert [len(events) for events in made] == [3]
    workers = made[0][0].workers
    assert workers is not None
    assert (workers.script_name, workers.event_type, workers.outcome) == (asking.script, "fetch", "ok")


def test_keys_and_values(asking: Asking) -> None:
    keys = {
        key.key: key.type for key in asking.telemetry.keys(account_id=asking.account, filters=[asking.own])
    }
    assert keys["size"] == "number"
    assert keys["deep.yes"] == "boolean"
    assert keys["$workers.scriptVersion.id"] == "string"
    values = asking.telemetry.values(
        account_id=asking.account,
        datasets=["cloudflare-workers"],
        key="path",
        type="string",
        timeframe={"from": asking.begin, "to": asking.now},
        filters=[asking.own],
    )
    assert {value.value for value in values} == {"/begin", "/hello", "/made", "/throw"}


def test_what_makes_no_sense_or_is_not_there_is_told(asking: Asking, sdk: cloudflare.Cloudflare) -> None:
    with pytest.raises(cloudflare.BadRequestError):
        asking.messages(filters=[{"key": "a", "operation": "regex", "type": "string", "value": "("}])
    with pytest.raises(cloudflare.InternalServerError) as refused:
        sdk.workers.observability.queries.list(account_id=asking.account)
    assert refused.value.status_code == 501
