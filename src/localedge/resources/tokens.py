"""API tokens of the user and of the account: make, list, change, roll, delete, verify; permission groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.access.groups import GROUPS
from localedge.access.tokens import Owner, Token, changed, new_token, new_value, show
from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_TOKEN_INVALID, Invalid, Missing, Unauthenticated
from localedge.requests import caller_of, page_of, read_object
from localedge.resources import ACCOUNT, ROOT
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

CODE_TOKEN_MISSING = 10133
TOKENS_MAX = {Owner.USER: 50, Owner.ACCOUNT: 500}
"""As on the platform: https://developers.cloudflare.com/fundamentals/api/reference/limits/"""

BASES = {Owner.USER: f"{ROOT}/user/tokens", Owner.ACCOUNT: f"{ACCOUNT}/tokens"}
VALID = {"code": 10000, "message": "This API Token is valid and active", "type": None}


def _coverage() -> Iterator[Endpoint]:
    sdk = (Client.PYTHON_SDK,)
    for owner, base in BASES.items():
        verified = (Client.WRANGLER, *sdk, Client.TYPESCRIPT_SDK) if owner is Owner.USER else sdk
        yield Endpoint("GET", f"{base}/verify", "whether the token is right, and until when", verified)
        yield Endpoint("GET", f"{base}/permission_groups", "what policies can allow (`name`, `scope`)", sdk)
        yield Endpoint("GET", base, f"the {owner}'s tokens (`page`, `per_page`, `direction`)", sdk)
        yield Endpoint("POST", base, "make one; its value is told this once", sdk)
        yield Endpoint("GET", f"{base}/{{token}}", "one, without its value", sdk)
        yield Endpoint("PUT", f"{base}/{{token}}", "change name, policies, times, status, condition", sdk)
        yield Endpoint("PUT", f"{base}/{{token}}/value", "a new value; the old one is no longer valid", sdk)
        yield Endpoint("DELETE", f"{base}/{{token}}", "delete", sdk)


COVERAGE = tuple(_coverage())


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    return [route for owner in BASES for route in _routes(BASES[owner], Tokens(edge, owner))]


def _routes(base: str, tokens: Tokens) -> list[Route]:
    one = f"{base}/{{token}}"
    return [
        Route(f"{base}/verify", tokens.verify, methods=["GET"]),
        Route(f"{base}/permission_groups", permission_groups, methods=["GET"]),
        Route(base, tokens.list_all, methods=["GET"]),
        Route(base, tokens.create, methods=["POST"]),
        Route(one, tokens.get, methods=["GET"]),
        Route(one, tokens.change, methods=["PUT"]),
        Route(one, tokens.delete, methods=["DELETE"]),
        Route(f"{one}/value", tokens.roll, methods=["PUT"]),
    ]


class Tokens:
    """The tokens of one owner. The edge's own token is not among them: it can't be changed."""

    def __init__(self, edge: Edge, owner: Owner) -> None:
        self._table = edge.access.tokens
        self._identity = edge.identity
        self._owner = owner

    async def verify(self, request: Request) -> Response:
        """Reached with every token that there is, also one that can't be used any more."""
        token = caller_of(request).token
        if token is None:
            return ok({"id": self._identity.user_id, "status": "active"}, messages=[VALID])
        if token.owner is not self._owner:
            raise Unauthenticated(CODE_TOKEN_INVALID, "Invalid API Token")
        told = show(token)
        status = {name: told[name] for name in ("id", "status", "not_before", "expires_on") if name in told}
        return ok(status, messages=[VALID] if token.usable(utc_now()) else [])

    async def list_all(self, request: Request) -> Response:
        page = page_of(request, size=20, size_max=50)
        found = self._table.all(self._owner)
        if request.query_params.get("direction") == "desc":
            found.reverse()
        items = page.cut(found)
        return ok([show(token) for token in items], info=page.info(count=len(items), total=len(found)))

    async def create(self, request: Request) -> Response:
        token, value = new_token(self._owner, await read_object(request)), new_value()
        if len(self._table.all(self._owner)) >= TOKENS_MAX[self._owner]:
            message = f"there are {TOKENS_MAX[self._owner]} {self._owner} tokens already; delete one first"
            raise Invalid(CODE_MALFORMED, message)
        self._table.add(token, value)
        return ok({**show(token), "value": value})

    async def get(self, request: Request) -> Response:
        return ok(show(self._found(request)))

    async def change(self, request: Request) -> Response:
        token = changed(self._found(request), await read_object(request))
        self._table.change(token)
        return ok(show(token))

    async def roll(self, request: Request) -> Response:
        token, value = self._found(request), new_value()
        self._table.roll(token.id, value)
        return ok(value)

    async def delete(self, request: Request) -> Response:
        token = self._found(request)
        self._table.delete(token.id)
        return ok({"id": token.id})

    def _found(self, request: Request) -> Token:
        token = self._table.get(self._owner, request.path_params["token"])
        if token is None:
            raise Missing(
                CODE_TOKEN_MISSING, f"there is no such {self._owner} token; GET .../tokens lists them"
            )
        return token


async def permission_groups(request: Request) -> Response:
    """All that are known here, or those of a name or a scope."""
    name, scope = request.query_params.get("name"), request.query_params.get("scope")
    found: list[dict[str, Any]] = [
        {"id": group.id, "name": group.name, "scopes": [str(group.scope)]}
        for group in GROUPS
        if name in (None, group.name) and scope in (None, group.scope)
    ]
    page = page_of(request, size=len(GROUPS), size_max=1000)
    items = page.cut(found)
    return ok(items, info=page.info(count=len(items), total=len(found)))
