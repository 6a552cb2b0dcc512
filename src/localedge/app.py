"""The edge's HTTP application: the routes of all resources behind the stages that every request passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from localedge.faults.stage import FaultStage
from localedge.pipeline import AccessLog, Authentication, BodyLimit, ErrorEnvelope, RateLimiting
from localedge.requests import CALLER
from localedge.resources import (
    ROOT,
    absent,
    accounts,
    administration,
    assets,
    d1,
    d1_files,
    d1_queries,
    d1_time_travel,
    deployments,
    domains,
    durable_objects,
    faults,
    graphql,
    kv_namespaces,
    kv_values,
    metrics,
    observability,
    queues,
    queues_consumers,
    queues_messages,
    r2_buckets,
    r2_objects,
    r2_s3,
    r2_settings,
    routes,
    schedules,
    scripts,
    secrets,
    settings,
    subdomain,
    tails,
    tokens,
    versions,
    workers_beta,
    workers_beta_versions,
    zones,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from localedge.coverage import Endpoint
    from localedge.edge import Edge

RESOURCES = (
    tokens,
    accounts,
    assets,
    versions,
    deployments,
    durable_objects,
    settings,
    subdomain,
    secrets,
    workers_beta,
    workers_beta_versions,
    tails,
    routes,
    domains,
    scripts,
    kv_values,
    kv_namespaces,
    r2_objects,
    r2_settings,
    r2_buckets,
    r2_s3,
    d1_queries,
    d1_files,
    d1_time_travel,
    d1,
    zones,
    queues,
    queues_consumers,
    queues_messages,
    schedules,
    metrics,
    graphql,
    observability,
    administration,
    faults,
)


LARGER_BODIES = {
    r2_objects.ONE: r2_objects.OBJECT_BYTES_MAX,
    f"{r2_s3.S3}/{{rest:path}}": r2_s3.OBJECT_BYTES_MAX,
}
"""Bytes that these paths take."""


def build_app(edge: Edge) -> Starlette:
    """The application for a running edge."""
    stages = [
        Middleware(AccessLog),
        Middleware(ErrorEnvelope),
        Middleware(Authentication, access=edge.access),
        Middleware(RateLimiting, limit=edge.access.limit),
        Middleware(FaultStage, faults=edge.faults, root=ROOT, caller=CALLER),
        # Again, so that the stages in between meet errors as answers.
        Middleware(ErrorEnvelope),
        Middleware(BodyLimit, larger=LARGER_BODIES),
    ]
    offered = offered_routes(edge)
    routes = [*offered, *absent.routes(offered)]
    return Starlette(routes=routes, middleware=stages, exception_handlers={HTTPException: _to_the_envelope})


def told_endpoints() -> list[Endpoint]:
    """What the resources tell of their routes."""
    return [endpoint for resource in RESOURCES for endpoint in resource.COVERAGE]


def offered_routes(edge: Edge) -> list[BaseRoute]:
    """Everything that is there, in the order in which it is tried."""
    return [route for resource in RESOURCES for route in resource.routes(edge)]


async def _to_the_envelope(request: Request, error: Exception) -> Response:
    """Starlette would answer its own errors in plain text; the stage ErrorEnvelope answers them all alike."""
    del request
    raise error
