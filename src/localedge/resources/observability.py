"""Workers observability: questions about the logs of Workers whose settings switch it on."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.analytics.telemetry import answers
from localedge.analytics.telemetry.answers import Frame, Page
from localedge.analytics.telemetry.question import read_filters
from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid, NotThere
from localedge.requests import read_object
from localedge.resources import ACCOUNT
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.analytics.telemetry.answers import Found
    from localedge.edge import Edge

TELEMETRY = f"{ACCOUNT}/workers/observability/telemetry"
EVENTS, EVENTS_MAX = 50, 2000
GROUPS, GROUPS_MAX = 10, 2000
STEPS, STEPS_MAX = 60, 2000
VALUES, VALUES_MAX = 50, 10_000
MS_MAX = 10**14
"""In the year 5138."""
VIEWS = ("events", "invocations", "calculations")
ABSENT_VIEWS = ("traces", "requests", "agents")

COVERAGE = (
    Endpoint(
        "POST",
        f"{TELEMETRY}/query",
        "views `events`, `invocations`, `calculations`; no saved queries, `compare`, distributions",
        (Client.PYTHON_SDK,),
    ),
    Endpoint("POST", f"{TELEMETRY}/keys", "the fields there are", (Client.PYTHON_SDK,)),
    Endpoint("POST", f"{TELEMETRY}/values", "what a field holds", (Client.PYTHON_SDK,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    telemetry = Telemetry(edge)
    return [
        Route(f"{TELEMETRY}/query", telemetry.query, methods=["POST"]),
        Route(f"{TELEMETRY}/keys", telemetry.keys, methods=["POST"]),
        Route(f"{TELEMETRY}/values", telemetry.values, methods=["POST"]),
    ]


class Telemetry:
    """Questions about what was logged."""

    def __init__(self, edge: Edge) -> None:
        self._table = edge.measurements.telemetry
        self._identity = edge.identity

    async def query(self, request: Request) -> Response:
        body = await read_object(request)
        began = time.perf_counter()
        parameters, view = _parameters(body), _view(body)
        frame = _frame(body)
        kept = self._table.between(frame.begin_ms, frame.end_ms)
        # Many events take a second: other requests go on meanwhile.
        found = await asyncio.to_thread(answers.chosen, kept, read_filters(parameters))
        statistics = {"elapsed": time.perf_counter() - began, "rows_read": len(kept), "bytes_read": 0}
        return ok(
            {
                "run": self._run(body, parameters, frame, statistics),
                "statistics": statistics,
                view: _answer(view, found, body, parameters, frame),
            }
        )

    async def keys(self, request: Request) -> Response:
        body = await read_object(request)
        found = self._found(body, body)
        limit = _number(body, "limit", VALUES_MAX, VALUES_MAX)
        return ok(answers.keys(found, body.get("keyNeedle"), limit))

    async def values(self, request: Request) -> Response:
        body = await read_object(request)
        key, kind = body.get("key"), body.get("type")
        if not isinstance(key, str) or not isinstance(kind, str):
            raise Invalid(CODE_MALFORMED, "key and type have to be texts")
        found = self._found(body, body.get("timeframe"))
        return ok(answers.values(found, key, kind, _number(body, "limit", VALUES, VALUES_MAX)))

    def _found(self, body: Mapping[str, Any], times: object) -> Found:
        """Events of the time that is named, else of all times."""
        times = times if isinstance(times, dict) else {}
        kept = self._table.between(_ms(times, "from", 0), _ms(times, "to", int(time.time() * 1000)))
        return answers.chosen(kept, read_filters(body))

    def _run(
        self, body: Mapping[str, Any], parameters: Mapping[str, Any], frame: Frame, statistics: object
    ) -> dict[str, Any]:
        now, user = utc_now(), self._identity.user_id
        query = {
            "id": str(body.get("queryId") or uuid.uuid4()),
            "name": "",
            "adhoc": True,
            "created": now,
            "createdBy": user,
            "updated": now,
            "updatedBy": user,
            # The SDK's types know no needle that is a text, and take an answer without one.
            "parameters": {name: value for name, value in parameters.items() if name != "needle"},
        }
        return {
            "id": str(uuid.uuid4()),
            "accountId": self._identity.account_id,
            "userId": user,
            "dry": bool(body.get("dry")),
            "granularity": frame.steps,
            "query": query,
            "status": "COMPLETED",
            "timeframe": {"from": frame.begin_ms, "to": frame.end_ms},
            "created": now,
            "updated": now,
            "statistics": statistics,
        }


def _answer(
    view: str, found: Found, body: Mapping[str, Any], parameters: Mapping[str, Any], frame: Frame
) -> object:
    if view == "calculations":
        default = _number(parameters, "limit", GROUPS, GROUPS_MAX)
        return answers.calculations(
            found,
            parameters,
            frame,
            with_series=not body.get("ignoreSeries") and body.get("chartType") != "aggregate",
            limit=_number(body, "limit", default, GROUPS_MAX),
            offset=_number(body, "offsetBy", 0, GROUPS_MAX, lowest=0),
        )
    limit = _number(body, "limit", EVENTS, EVENTS_MAX)
    page = Page(limit, str(body.get("offset") or ""), forward=body.get("offsetDirection") != "prev")
    return answers.events(found, page) if view == "events" else answers.invocations(found, page)


def _parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    parameters = body.get("parameters")
    if parameters is None:
        raise NotThere("saved queries of Workers observability")
    if not isinstance(parameters, dict):
        raise Invalid(CODE_MALFORMED, "parameters has to be an object")
    return parameters


def _view(body: Mapping[str, Any]) -> str:
    view = str(body.get("view") or "events")
    if view in ABSENT_VIEWS:
        raise NotThere(f"the view {view} of Workers observability")
    if view not in VIEWS:
        raise Invalid(CODE_MALFORMED, f"view has to be one of {', '.join((*VIEWS, *ABSENT_VIEWS))}")
    if body.get("compare") or body.get("chartType") == "distribution":
        raise NotThere("a comparison or a distribution of Workers observability")
    return view


def _frame(body: Mapping[str, Any]) -> Frame:
    times = body.get("timeframe")
    if not isinstance(times, dict):
        raise Invalid(CODE_MALFORMED, "timeframe has to be {from, to}, in ms since 1970")
    begin, end = _ms(times, "from", -1), _ms(times, "to", -1)
    if not 0 <= begin < end:
        raise Invalid(CODE_MALFORMED, "timeframe: from has to be before to, both in ms since 1970")
    return Frame(begin, end, _number(body, "granularity", STEPS, STEPS_MAX))


def _ms(times: Mapping[str, Any], name: str, default: int) -> int:
    value = times.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= MS_MAX:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a number of ms since 1970")
    return int(value)


def _number(body: Mapping[str, Any], name: str, default: int, highest: int, *, lowest: int = 1) -> int:
    """One that is too high is lowered."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value < math.inf:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a number from {lowest} to {highest}")
    return min(int(value), highest)
