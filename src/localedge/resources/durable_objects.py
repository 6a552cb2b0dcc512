"""Durable Objects: the namespaces, and which objects of one have stored something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid, Missing
from localedge.objects.errors import CODE_NAMESPACE_MISSING
from localedge.requests import page_of
from localedge.resources import ACCOUNT

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.objects.table import ObjectNamespace

NAMESPACES = f"{ACCOUNT}/workers/durable_objects/namespaces"
NAMESPACES_MAX = 1000
OBJECTS_MIN, OBJECTS, OBJECTS_MAX = 10, 1000, 10_000


COVERAGE = (
    Endpoint("GET", NAMESPACES, "all namespaces (`page`, `per_page`)", (Client.WRANGLER, Client.PYTHON_SDK)),
    Endpoint(
        "GET",
        f"{NAMESPACES}/{{namespace}}/objects",
        "objects that have stored something (`limit`, `cursor`)",
        (Client.PYTHON_SDK,),
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    objects = DurableObjects(edge)
    return [
        Route(NAMESPACES, objects.namespaces, methods=["GET"]),
        Route(f"{NAMESPACES}/{{namespace}}/objects", objects.objects, methods=["GET"]),
    ]


class DurableObjects:
    """What the Workers' migrations have made, and what is in it."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def namespaces(self, request: Request) -> Response:
        found = self._edge.objects.all()
        page = page_of(request, size=20, size_max=NAMESPACES_MAX)
        shown = [_show(namespace) for namespace in page.cut(found)]
        return ok(shown, info=page.info(count=len(shown), total=len(found)))

    async def objects(self, request: Request) -> Response:
        """By id. The cursor is the last id of the page before."""
        namespace_id = request.path_params["namespace"]
        namespace = self._edge.objects.get(namespace_id)
        if namespace is None:
            raise Missing(CODE_NAMESPACE_MISSING, f"there is no Durable Object namespace {namespace_id}")
        after = request.query_params.get("cursor", "")
        ids = self._edge.runtime.stored_objects(namespace.script, namespace_id)
        rest = [object_id for object_id in ids if object_id > after]
        page = rest[: _limit(request)]
        info = {"count": len(page), "cursor": page[-1] if len(page) < len(rest) else ""}
        return ok([{"id": object_id, "hasStoredData": True} for object_id in page], info=info)


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(OBJECTS))
    if not given.isascii() or not given.isdigit() or not OBJECTS_MIN <= int(given) <= OBJECTS_MAX:
        raise Invalid(CODE_MALFORMED, f"limit has to be a number from {OBJECTS_MIN} to {OBJECTS_MAX}")
    return int(given)


def _show(namespace: ObjectNamespace) -> dict[str, Any]:
    name = namespace.object_class.name
    return {
        "id": namespace.object_class.namespace_id,
        "name": f"{namespace.script}_{name}",
        "script": namespace.script,
        "class": name,
        "use_sqlite": namespace.object_class.sql,
    }
