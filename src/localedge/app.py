"""The edge's HTTP application: the routes of all resources behind the stages that every request passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from localedge.pipeline import AccessLog, Authentication, BodyLimit, ErrorEnvelope
from localedge.resources import (
    absent,
    accounts,
    deployments,
    kv_namespaces,
    kv_values,
    metrics,
    scripts,
    secrets,
    settings,
    subdomain,
    tails,
    versions,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from localedge.coverage import Endpoint
    from localedge.edge import Edge

RESOURCES = (
    accounts,
    versions,
    deployments,
    settings,
    subdomain,
    secrets,
    tails,
    scripts,
    kv_values,
    kv_namespaces,
    metrics,
)


def build_app(edge: Edge) -> Starlette:
    """The application for a running edge."""
    stages = [
        Middleware(AccessLog),
        Middleware(ErrorEnvelope),
        Middleware(Authentication, identity=edge.identity),
        Middleware(BodyLimit),
    ]
    routes = [*offered_routes(edge), *absent.routes()]
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
