"""Deployments: which versions serve, with what share of the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_DEPLOYMENT_MISSING, CODE_MALFORMED, Conflict, Missing
from localedge.requests import flag, page_of, read_object, read_time, script_name, source_of
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of
from localedge.workers.rules import DEPLOYABLE_MAX, read_shares
from localedge.workers.upload_form import read_annotations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Deployment

LISTED_MAX = DEPLOYABLE_MAX


COVERAGE = (
    Endpoint(
        "GET",
        f"{SCRIPT}/deployments",
        "list (newest first, `page`, `per_page`, `since`, `until`)",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint("POST", f"{SCRIPT}/deployments", "deploy one or two versions", ALL),
    Endpoint("GET", f"{SCRIPT}/deployments/{{deployment}}", "one deployment", SDKS),
    Endpoint("DELETE", f"{SCRIPT}/deployments/{{deployment}}", "forget it, unless it serves", SDKS),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    deployments = Deployments(edge)
    return [
        Route(f"{SCRIPT}/deployments", deployments.list_all, methods=["GET"]),
        Route(f"{SCRIPT}/deployments", deployments.create, methods=["POST"]),
        Route(f"{SCRIPT}/deployments/{{deployment}}", deployments.get, methods=["GET"]),
        Route(f"{SCRIPT}/deployments/{{deployment}}", deployments.delete, methods=["DELETE"]),
    ]


class Deployments:
    """Which versions serve, and since when which ones did."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        """Newest first; the first one serves."""
        found = self._edge.workers.deployments_between(
            script_of(self._edge, request).name,
            read_time(request, "since", default="0"),
            read_time(request, "until", default="9"),
        )
        page = page_of(request, size=LISTED_MAX, size_max=LISTED_MAX)
        shown = [self._show(deployment) for deployment in page.cut(found)]
        return ok({"deployments": shown}, info=page.info(count=len(shown), total=len(found)))

    async def create(self, request: Request) -> Response:
        body = await read_object(request)
        deployment = await self._edge.releases.deploy(
            script_name(request),
            read_shares(body),
            source=source_of(request),
            annotations=read_annotations(body),
            force=flag(request, "force"),
        )
        return ok(self._show(deployment))

    async def get(self, request: Request) -> Response:
        return ok(self._show(self._found(request)))

    async def delete(self, request: Request) -> Response:
        """Forget an old deployment; the one that serves stays."""
        deployment = self._found(request)
        current = self._edge.workers.current_deployment(deployment.script)
        if current is not None and current.id == deployment.id:
            message = (
                "the latest deployment serves traffic, so it can't be deleted; make another deployment first"
            )
            raise Conflict(CODE_MALFORMED, message)
        self._edge.workers.delete_deployment(deployment.id)
        return ok(None)

    def _found(self, request: Request) -> Deployment:
        name, deployment_id = script_of(self._edge, request).name, request.path_params["deployment"]
        deployment = self._edge.workers.deployment(name, deployment_id)
        if deployment is None:
            raise Missing(CODE_DEPLOYMENT_MISSING, f"Worker {name} has no deployment {deployment_id}")
        return deployment

    def _show(self, deployment: Deployment) -> dict[str, Any]:
        return {
            "id": deployment.id,
            "source": deployment.source,
            "strategy": "percentage",
            "author_email": self._edge.identity.email,
            "created_on": deployment.created_on,
            "annotations": dict(deployment.annotations),
            "versions": [
                {"version_id": share.version_id, "percentage": share.percentage}
                for share in deployment.shares
            ],
        }
