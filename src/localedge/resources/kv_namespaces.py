"""KV namespaces: create, list, rename, delete."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_NAMESPACE_TAKEN, Invalid, namespace_missing
from localedge.kv.table import TitleTaken
from localedge.requests import page_of, read_object
from localedge.resources import NAMESPACES
from localedge.state.model import Namespace

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

TITLE_BYTES_MAX = 512


ONE = NAMESPACES + "/{namespace}"

COVERAGE = (
    Endpoint("GET", NAMESPACES, "list (`page`, `per_page`, `order`, `direction`)", ALL),
    Endpoint("POST", NAMESPACES, "create", ALL),
    Endpoint("GET", ONE, "one", SDKS),
    Endpoint("PUT", ONE, "rename", SDKS),
    Endpoint("DELETE", ONE, "delete with all its values", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    namespaces = Namespaces(edge)
    return [
        Route(NAMESPACES, namespaces.list_all, methods=["GET"]),
        Route(NAMESPACES, namespaces.create, methods=["POST"]),
        Route(ONE, namespaces.get, methods=["GET"]),
        Route(ONE, namespaces.rename, methods=["PUT"]),
        Route(ONE, namespaces.delete, methods=["DELETE"]),
    ]


class Namespaces:
    """The places that keys and values are in."""

    def __init__(self, edge: Edge) -> None:
        self._table = edge.namespaces
        self._kv = edge.kv

    async def list_all(self, request: Request) -> Response:
        """Sorted by `order` (title or id) and `direction`."""
        order, direction = (
            request.query_params.get("order", "id"),
            request.query_params.get("direction", "asc"),
        )
        if order not in ("id", "title") or direction not in ("asc", "desc"):
            raise Invalid(CODE_MALFORMED, "order has to be id or title, direction has to be asc or desc")
        found = sorted(
            self._table.all(),
            key=lambda namespace: namespace.id if order == "id" else namespace.title,
            reverse=direction == "desc",
        )
        page = page_of(request, size=20, size_max=1000)
        items = page.cut(found)
        return ok([_show(item) for item in items], info=page.info(count=len(items), total=len(found)))

    async def create(self, request: Request) -> Response:
        return ok(_show(self._store(Namespace(uuid.uuid4().hex, await _title(request)))))

    async def get(self, request: Request) -> Response:
        return ok(_show(self._found(request)))

    async def rename(self, request: Request) -> Response:
        found = self._found(request)
        return ok(_show(self._store(Namespace(found.id, await _title(request)))))

    async def delete(self, request: Request) -> Response:
        """The namespace with all its values."""
        namespace = self._found(request)
        await self._kv.drop(namespace.id)
        self._table.delete(namespace.id)
        return ok({})

    def _store(self, namespace: Namespace) -> Namespace:
        try:
            self._table.put(namespace)
        except TitleTaken as taken:
            message = f"a namespace with this account ID and title already exists: {namespace.title}"
            raise Invalid(CODE_NAMESPACE_TAKEN, message) from taken
        return namespace

    def _found(self, request: Request) -> Namespace:
        namespace_id = request.path_params["namespace"]
        namespace = self._table.get(namespace_id)
        if namespace is None:
            raise namespace_missing(namespace_id)
        return namespace


async def _title(request: Request) -> str:
    title = (await read_object(request)).get("title")
    if not isinstance(title, str) or not 0 < len(title.encode()) <= TITLE_BYTES_MAX:
        raise Invalid(CODE_MALFORMED, f"a namespace needs a title of 1 to {TITLE_BYTES_MAX} bytes")
    return title


def _show(namespace: Namespace) -> dict[str, Any]:
    return {"id": namespace.id, "title": namespace.title, "supports_url_encoding": True}
