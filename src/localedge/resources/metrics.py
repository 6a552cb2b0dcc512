"""`/metrics`: the counters of every version, and its last half hour, open to whoever reaches loopback."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localedge.analytics.cpu import usage
from localedge.coverage import Endpoint
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.metrics_text import CONTENT_TYPE, ProcessMetrics, exposition
from localedge.runtime import EDGES_MS

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.analytics.minutes import Tally
    from localedge.edge import Edge
    from localedge.runtime import ProcessStatus


MINUTES = "/metrics/minutes"
COVERAGE = (
    Endpoint("GET", "/metrics", "the counters as Prometheus text; needs no token"),
    Endpoint("GET", MINUTES, "the last half hour of a Worker by the minute, `?script=`; needs no token"),
)


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

    async def minutes(request: Request) -> Response:
        script = request.query_params.get("script", "")
        if not script:
            raise Invalid(CODE_MALFORMED, f"name the Worker: GET {MINUTES}?script=NAME")
        told = edge.measurements.collector.minutes.told(script, int(time.time()))
        return JSONResponse(
            {
                "script": script,
                "minutes": [
                    {"at": _moment(at), "versions": {name: _told(tally) for name, tally in versions.items()}}
                    for at, versions in told
                ],
            }
        )

    return [Route("/metrics", metrics, methods=["GET"]), Route(MINUTES, minutes, methods=["GET"])]


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(tally: Tally) -> dict[str, Any]:
    """As the counters are told: latencies cumulative, under the upper edges in milliseconds."""
    names = (*(f"{edge:g}" for edge in EDGES_MS), "+Inf")
    counts = itertools.accumulate(tally.buckets[place] for place in range(len(names)))
    return {
        "requests": tally.requests,
        "errors": tally.errors,
        "exceptions": tally.exceptions,
        "buckets_ms": dict(zip(names, counts, strict=True)),
    }


def _process(status: ProcessStatus) -> ProcessMetrics:
    used = None if status.pid is None else usage(status.pid)
    return ProcessMetrics(status.name, status.restarts, None if used is None else used.resident_bytes)
