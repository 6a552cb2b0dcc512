"""`/metrics`: the counters of every version, open to whoever reaches the loopback address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from localedge.coverage import Endpoint
from localedge.metrics_text import CONTENT_TYPE, exposition

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.edge import Edge


COVERAGE = (Endpoint("GET", "/metrics", "the counters as Prometheus text; needs no token"),)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""

    async def metrics(request: Request) -> Response:
        del request
        return Response(exposition(await edge.runtime.counters()), media_type=CONTENT_TYPE)

    return [Route("/metrics", metrics, methods=["GET"])]
