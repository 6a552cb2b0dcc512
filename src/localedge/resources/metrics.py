"""`/metrics`: the counters of every version, open to whoever reaches the loopback address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from localedge.analytics.cpu import usage
from localedge.coverage import Endpoint
from localedge.metrics_text import CONTENT_TYPE, ProcessMetrics, exposition

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.runtime import ProcessStatus


COVERAGE = (Endpoint("GET", "/metrics", "the counters as Prometheus text; needs no token"),)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""

    async def metrics(request: Request) -> Response:
        del request
        text = exposition(
            await edge.runtime.counters(),
            cpu_seconds=edge.measurements.collector.cpu_seconds(),
            processes=[_process(status) for status in edge.runtime.processes()],
            backlogs={queue.name: edge.queues.backlog(queue.id) for queue in edge.queues.all()},
        )
        return Response(text, media_type=CONTENT_TYPE)

    return [Route("/metrics", metrics, methods=["GET"])]


def _process(status: ProcessStatus) -> ProcessMetrics:
    used = None if status.pid is None else usage(status.pid)
    return ProcessMetrics(status.name, status.restarts, None if used is None else used.resident_bytes)
