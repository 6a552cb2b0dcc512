"""What the platform has and the edge has not: told as such, never answered with a pretended success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, Route

from localedge.errors import NotThere, no_method, no_route
from localedge.resources import ACCOUNT, BUCKETS, ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

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
ABSENT_AT_ROOT = ("zones", "certificates", "ips")


def routes(offered: Sequence[BaseRoute]) -> list[Route]:
    """Tried after all that is offered. They take every method."""
    absent = Absent(offered)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route(ACCOUNT + "/workers/scripts/{script}/{rest:path}", absent.in_script, methods=methods),
        Route(BUCKETS + "/{bucket}/{rest:path}", absent.in_bucket, methods=methods),
        Route(ACCOUNT + "/{rest:path}", absent.in_account, methods=methods),
        Route(ROOT + "/{rest:path}", absent.at_root, methods=methods),
    ]


class Absent:
    """Tells what only the platform has, what is there for another method, and what nobody knows."""

    def __init__(self, offered: Sequence[BaseRoute]) -> None:
        self._offered = offered

    async def in_script(self, request: Request) -> Response:
        """Parts of a Worker."""
        return self._refuse(request, ABSENT_IN_SCRIPT)

    async def in_bucket(self, request: Request) -> Response:
        """Settings of an R2 bucket."""
        return self._refuse(request, ABSENT_IN_BUCKET)

    async def in_account(self, request: Request) -> Response:
        """Products of an account."""
        return self._refuse(request, ABSENT_IN_ACCOUNT)

    async def at_root(self, request: Request) -> Response:
        """What belongs to no account."""
        return self._refuse(request, ABSENT_AT_ROOT)

    def _refuse(self, request: Request, absent: tuple[str, ...]) -> Response:
        rest = request.path_params["rest"]
        for name in absent:
            if rest == name or rest.startswith(f"{name}/"):
                raise NotThere(name)
        if any(route.matches(request.scope)[0] is Match.PARTIAL for route in self._offered):
            raise no_method(request.method)
        raise no_route(request.url.path)
