"""What the platform has and the edge has not: told as such, never answered with a pretended success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from localedge.errors import NotThere, no_route
from localedge.resources import ACCOUNT, BUCKETS, ROOT

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

ABSENT_IN_ACCOUNT = (
    "access",
    "ai",
    "analytics_engine",
    "containers",
    "hyperdrive",
    "images",
    "logs",
    "pages",
    "pipelines",
    "r2/metrics",
    "r2/temp-access-credentials",
    "secrets_store",
    "slurper",
    "stream",
    "vectorize",
    "workers/assets",
    "workers/dispatch",
    "workers/observability",
    "workers/placement",
    "workers/workers",
    "workflows",
)
ABSENT_IN_BUCKET = (
    "catalog",
    "cors",
    "domains/custom",
    "event_notifications",
    "local-uploads",
    "lock",
    "sippy",
)
ABSENT_IN_SCRIPT = ("content", "usage-model", "edge-preview")
ABSENT_AT_ROOT = ("zones", "graphql", "certificates", "ips")


def routes() -> list[Route]:
    """Tried after all others. They take every method."""
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route(ACCOUNT + "/workers/scripts/{script}/{rest:path}", absent_in_script, methods=methods),
        Route(BUCKETS + "/{bucket}/{rest:path}", absent_in_bucket, methods=methods),
        Route(ACCOUNT + "/{rest:path}", absent_in_account, methods=methods),
        Route(ROOT + "/{rest:path}", absent_at_root, methods=methods),
    ]


async def absent_in_script(request: Request) -> Response:
    """Parts of a Worker."""
    return _refuse(request, ABSENT_IN_SCRIPT)


async def absent_in_bucket(request: Request) -> Response:
    """Settings of an R2 bucket."""
    return _refuse(request, ABSENT_IN_BUCKET)


async def absent_in_account(request: Request) -> Response:
    """Products of an account."""
    return _refuse(request, ABSENT_IN_ACCOUNT)


async def absent_at_root(request: Request) -> Response:
    """What belongs to no account."""
    return _refuse(request, ABSENT_AT_ROOT)


def _refuse(request: Request, absent: tuple[str, ...]) -> Response:
    rest = request.path_params["rest"]
    for name in absent:
        if rest == name or rest.startswith(f"{name}/"):
            raise NotThere(name)
    raise no_route(request.url.path)
