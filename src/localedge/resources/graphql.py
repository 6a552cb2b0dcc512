"""GraphQL analytics: how often Workers were invoked, how it ended, and how long it took."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from starlette.responses import JSONResponse
from starlette.routing import Route

from localedge.analytics.graphql import envelope
from localedge.analytics.options import DELAY_SECONDS_MAX, SAMPLE_INTERVAL_MAX, Options
from localedge.coverage import Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, ApiError, Invalid
from localedge.requests import read_object
from localedge.resources import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

GRAPHQL = f"{ROOT}/graphql"
OPTIONS = "/edge/analytics"

COVERAGE = (
    Endpoint("POST", GRAPHQL, "`workersInvocationsAdaptive`, and introspection"),
    Endpoint("GET", OPTIONS, "the edge's own: how late and how coarse GraphQL answers"),
    Endpoint("PUT", OPTIONS, "the edge's own: set it, `{delay_seconds, sample_interval}`"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    graphql = GraphQL(edge)
    return [
        Route(GRAPHQL, graphql.query, methods=["POST"]),
        Route(OPTIONS, graphql.show, methods=["GET"]),
        Route(OPTIONS, graphql.set, methods=["PUT"]),
    ]


class GraphQL:
    """Queries, and the options of their answers."""

    def __init__(self, edge: Edge) -> None:
        self._measurements = edge.measurements

    async def query(self, request: Request) -> Response:
        try:
            asked = await _read_query(request)
        except ApiError as error:
            return JSONResponse(envelope(None, [GraphQLError(error.message)]), status_code=error.status)
        # Without it the last second would be missing. When the router is away, what is known is told.
        with contextlib.suppress(ConnectionError):
            await self._measurements.collector.sample()
        return JSONResponse(self._measurements.analytics.run(*asked))

    async def show(self, request: Request) -> Response:
        del request
        return ok(self._told())

    async def set(self, request: Request) -> Response:
        """What is not named gets its default."""
        body = await read_object(request)
        delay = _number(body, "delay_seconds", 0, DELAY_SECONDS_MAX, default=0)
        interval = _number(body, "sample_interval", 1, SAMPLE_INTERVAL_MAX, default=1)
        self._measurements.options.put(Options(delay, interval))
        return ok(self._told())

    def _told(self) -> dict[str, int]:
        options = self._measurements.options.get()
        return {"delay_seconds": options.delay_seconds, "sample_interval": options.sample_interval}


async def _read_query(request: Request) -> tuple[str, dict[str, Any], str | None]:
    body = await read_object(request)
    query, variables, operation = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str) or not isinstance(variables or {}, dict):
        raise Invalid(CODE_MALFORMED, "the body has to be {query, variables, operationName}")
    return query, variables or {}, str(operation) if operation else None


def _number(body: Mapping[str, Any], name: str, lowest: int, highest: int, *, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a whole number from {lowest} to {highest}")
    return value
