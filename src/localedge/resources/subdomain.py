"""The account's subdomain, and each Worker's switches for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_SUBDOMAIN_TAKEN, Conflict, Invalid
from localedge.requests import read_object
from localedge.resources import ACCOUNT, SCRIPT
from localedge.resources.lookup import script_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Script


COVERAGE = (
    Endpoint(
        "GET", f"{ACCOUNT}/workers/subdomain", "the account's: `local`", (Client.WRANGLER, Client.PYTHON_SDK)
    ),
    Endpoint("PUT", f"{ACCOUNT}/workers/subdomain", "the account keeps the one it has", (Client.PYTHON_SDK,)),
    Endpoint("GET", f"{SCRIPT}/subdomain", "whether it answers at its own address, and its previews", ALL),
    Endpoint("POST", f"{SCRIPT}/subdomain", "turn these two switches", ALL),
    Endpoint("DELETE", f"{SCRIPT}/subdomain", "turn both off", (Client.PYTHON_SDK,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    subdomain = Subdomain(edge)
    return [
        Route(f"{ACCOUNT}/workers/subdomain", subdomain.account, methods=["GET"]),
        Route(f"{ACCOUNT}/workers/subdomain", subdomain.change_account, methods=["PUT"]),
        Route(f"{SCRIPT}/subdomain", subdomain.get, methods=["GET"]),
        Route(f"{SCRIPT}/subdomain", subdomain.change, methods=["POST"]),
        Route(f"{SCRIPT}/subdomain", subdomain.disable, methods=["DELETE"]),
    ]


class Subdomain:
    """Where Workers are found."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def account(self, request: Request) -> Response:
        del request
        return ok({"subdomain": self._edge.identity.subdomain})

    async def change_account(self, request: Request) -> Response:
        """The addresses of all Workers hang on it, so it is what it was from the start."""
        own, wanted = self._edge.identity.subdomain, (await read_object(request)).get("subdomain")
        if wanted != own:
            raise Conflict(
                CODE_SUBDOMAIN_TAKEN, f"the account's subdomain is {own!r}, and cannot be changed here"
            )
        return ok({"subdomain": own})

    async def get(self, request: Request) -> Response:
        return ok(_switches(script_of(self._edge, request)))

    async def change(self, request: Request) -> Response:
        """What is not named stays as it is."""
        script, body = script_of(self._edge, request), await read_object(request)
        enabled = body.get("enabled")
        previews = body.get("previews_enabled", script.previews)
        if not isinstance(enabled, bool) or not (previews is None or isinstance(previews, bool)):
            raise Invalid(CODE_MALFORMED, "enabled and previews_enabled have to be true or false")
        return await self._turned(replace(script, workers_dev=enabled, previews=previews))

    async def disable(self, request: Request) -> Response:
        return await self._turned(replace(script_of(self._edge, request), workers_dev=False, previews=False))

    async def _turned(self, script: Script) -> Response:
        self._edge.workers.put_script(script)
        await self._edge.addressing.publish()
        await self._edge.runtime.forget_previews(script.name)
        return ok(_switches(script))


def _switches(script: Script) -> dict[str, Any]:
    return {"enabled": script.at_own_address, "previews_enabled": script.has_previews}
