"""The account's subdomain, each Worker's switch for it, and the Worker as `workers/workers` tells it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.requests import read_object
from localedge.resources import ACCOUNT, SCRIPT
from localedge.resources.lookup import script_of
from localedge.resources.settings import observability

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Script


COVERAGE = (
    Endpoint("GET", f"{ACCOUNT}/workers/subdomain", "the account's: `local`", (Client.WRANGLER,)),
    Endpoint("GET", f"{SCRIPT}/subdomain", "the switch for workers.dev; remembered, without effect"),
    Endpoint(
        "POST",
        f"{SCRIPT}/subdomain",
        "the switch for workers.dev; remembered, without effect",
        (Client.WRANGLER,),
    ),
    Endpoint(
        "GET", f"{ACCOUNT}/workers/workers/{{script}}", "the Worker, with its address", (Client.WRANGLER,)
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    subdomain = Subdomain(edge)
    return [
        Route(f"{ACCOUNT}/workers/subdomain", subdomain.account, methods=["GET"]),
        Route(f"{SCRIPT}/subdomain", subdomain.get, methods=["GET"]),
        Route(f"{SCRIPT}/subdomain", subdomain.change, methods=["POST"]),
        Route(f"{ACCOUNT}/workers/workers/{{script}}", subdomain.worker, methods=["GET"]),
    ]


class Subdomain:
    """Where Workers are found."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def account(self, request: Request) -> Response:
        del request
        return ok({"subdomain": self._edge.identity.subdomain})

    async def get(self, request: Request) -> Response:
        return ok(_switches(script_of(self._edge, request)))

    async def change(self, request: Request) -> Response:
        """Remembered and told; the Worker's local address answers either way."""
        script, body = script_of(self._edge, request), await read_object(request)
        enabled = body.get("enabled")
        previews = body.get("previews_enabled", script.previews)
        if not isinstance(enabled, bool) or not isinstance(previews, bool):
            raise Invalid(CODE_MALFORMED, "enabled and previews_enabled have to be true or false")
        script = replace(script, workers_dev=enabled, previews=previews)
        self._edge.workers.put_script(script)
        return ok(_switches(script))

    async def worker(self, request: Request) -> Response:
        script = script_of(self._edge, request)
        deployment = self._edge.workers.current_deployment(script.name)
        return ok(
            {
                "id": script.tag,
                "name": script.name,
                "created_on": script.created_on,
                "updated_on": script.modified_on,
                "deployed_on": deployment.created_on if deployment else None,
                "tags": script.settings.get("tags") or [],
                "logpush": bool(script.settings.get("logpush")),
                "observability": observability(script),
                "tail_consumers": [],
                "references": {},
                # wrangler prints the host of this address as the Worker's.
                "subdomain": {**_switches(script), "url": self._edge.addresses.worker_url(script.name)},
            }
        )


def _switches(script: Script) -> dict[str, Any]:
    return {"enabled": script.workers_dev, "previews_enabled": script.previews}
