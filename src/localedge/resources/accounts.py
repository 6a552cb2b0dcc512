"""Who is asking, and for which account: there is one user and one account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Endpoint
from localedge.envelope import Page, ok
from localedge.requests import caller_of, page_of
from localedge.resources import ACCOUNT, ROOT

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

ROLE = "Administrator"


COVERAGE = (
    Endpoint("GET", f"{ROOT}/user", "the one user", ALL),
    Endpoint("GET", f"{ROOT}/accounts", "the one account", ALL),
    Endpoint("GET", ACCOUNT, "the one account, by its id", SDKS),
    Endpoint("GET", f"{ROOT}/memberships", "the user's membership of the account", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    accounts = Accounts(edge)
    return [
        Route(f"{ROOT}/user", accounts.user, methods=["GET"]),
        Route(f"{ROOT}/accounts", accounts.list_all, methods=["GET"]),
        Route(ACCOUNT, accounts.get, methods=["GET"]),
        Route(f"{ROOT}/memberships", accounts.memberships, methods=["GET"]),
    ]


class Accounts:
    """The one user and the one account."""

    def __init__(self, edge: Edge) -> None:
        self._identity = edge.identity

    async def user(self, request: Request) -> Response:
        del request
        return ok({"id": self._identity.user_id, "email": self._identity.email})

    async def list_all(self, request: Request) -> Response:
        """The account, if the token may do anything in it."""
        seen = caller_of(request).sees(self._identity.account_id)
        return _one_page(request, [self._account()] if seen else [])

    async def get(self, request: Request) -> Response:
        del request
        return ok(self._account())

    async def memberships(self, request: Request) -> Response:
        membership = {
            "id": self._identity.user_id,
            "status": "accepted",
            "account": self._account(),
            "roles": [ROLE],
        }
        return _one_page(request, [membership])

    def _account(self) -> dict[str, Any]:
        return {"id": self._identity.account_id, "name": "local edge", "type": "standard"}


def _one_page(request: Request, found: list[dict[str, Any]]) -> Response:
    page: Page = page_of(request, size=20, size_max=50)
    items = page.cut(found)
    return ok(items, info=page.info(count=len(items), total=len(found)))
