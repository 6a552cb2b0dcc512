"""Routes: which Worker answers which hosts and paths of a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route as Path

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_ROUTE_MISSING, Invalid, Missing
from localedge.requests import read_json, read_object
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of
from localedge.resources.zones import ZONE, zone_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.zones.table import Route

ROUTES = f"{ZONE}/workers/routes"
ROUTE = f"{ROUTES}/{{route}}"
ROUTES_MAX = 1000
"""So many in a zone one by one, and so many of a Worker as a whole."""


COVERAGE = (
    Endpoint("GET", ROUTES, "list", ALL),
    Endpoint("POST", ROUTES, "add one; without `script` it keeps Workers away", SDKS),
    Endpoint("GET", ROUTE, "one route", SDKS),
    Endpoint("PUT", ROUTE, "change its pattern or its Worker", SDKS),
    Endpoint("DELETE", ROUTE, "remove it", SDKS),
    Endpoint("GET", f"{SCRIPT}/routes", "a Worker's routes in all zones"),
    Endpoint("PUT", f"{SCRIPT}/routes", "give a Worker these routes and no others", (Client.WRANGLER,)),
)


def routes(edge: Edge) -> list[Path]:
    """What this resource answers."""
    offered = Routes(edge)
    return [
        Path(ROUTES, offered.list_all, methods=["GET"]),
        Path(ROUTES, offered.add, methods=["POST"]),
        Path(ROUTE, offered.get, methods=["GET"]),
        Path(ROUTE, offered.change, methods=["PUT"]),
        Path(ROUTE, offered.delete, methods=["DELETE"]),
        Path(f"{SCRIPT}/routes", offered.list_of_script, methods=["GET"]),
        Path(f"{SCRIPT}/routes", offered.replace_of_script, methods=["PUT"]),
    ]


class Routes:
    """Every change serves when it is answered."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        return ok(
            [_show(route) for route in self._edge.zones.routes(zone_id=zone_of(self._edge, request).id)]
        )

    async def add(self, request: Request) -> Response:
        zone, asked = zone_of(self._edge, request), await read_object(request)
        if len(self._edge.zones.routes(zone_id=zone.id)) >= ROUTES_MAX:
            raise Invalid(CODE_MALFORMED, f"the zone {zone.name} has {ROUTES_MAX} routes; remove one first")
        return await self._put(self._edge.claims.route(asked, zone))

    async def get(self, request: Request) -> Response:
        return ok(_show(self._found(request)))

    async def change(self, request: Request) -> Response:
        before, asked = self._found(request), await read_object(request)
        zone = zone_of(self._edge, request)
        return await self._put(self._edge.claims.route(asked, zone, route_id=before.id))

    async def delete(self, request: Request) -> Response:
        route = self._found(request)
        self._edge.zones.delete_route(route.id)
        await self._edge.addressing.publish()
        return ok({"id": route.id})

    async def list_of_script(self, request: Request) -> Response:
        script = script_of(self._edge, request)
        return ok([_show(route) for route in self._edge.zones.routes(script=script.name)])

    async def replace_of_script(self, request: Request) -> Response:
        """All or nothing; a route that stays as it was keeps its id."""
        script, asked = script_of(self._edge, request).name, await _read_list(request)
        claims = self._edge.claims
        wanted = [claims.route({**each, "script": script}, claims.zone_of_pattern(each)) for each in asked]
        kept = {(route.zone_id, route.reach) for route in wanted}
        before = {(route.zone_id, route.reach): route for route in self._edge.zones.routes(script=script)}
        with self._edge.zones.transaction():
            for place, route in before.items():
                if place not in kept:
                    self._edge.zones.delete_route(route.id)
            for route in {(route.zone_id, route.reach): route for route in wanted}.values():
                if (route.zone_id, route.reach) not in before:
                    claims.put_route(route)
        await self._edge.addressing.publish()
        return ok([route.pattern for route in wanted])

    async def _put(self, route: Route) -> Response:
        self._edge.claims.put_route(route)
        await self._edge.addressing.publish()
        return ok(_show(route))

    def _found(self, request: Request) -> Route:
        zone, route_id = zone_of(self._edge, request), str(request.path_params["route"])
        route = self._edge.zones.route(zone.id, route_id)
        if route is None:
            raise Missing(CODE_ROUTE_MISSING, f"the zone {zone.name} has no route {route_id}")
        return route


async def _read_list(request: Request) -> list[dict[str, Any]]:
    body = await read_json(request)
    if not isinstance(body, list) or not all(isinstance(each, dict) for each in body):
        raise Invalid(CODE_MALFORMED, "the body has to be a list of objects with a pattern each")
    if len(body) > ROUTES_MAX:
        raise Invalid(CODE_MALFORMED, f"a Worker has at most {ROUTES_MAX} routes, these are {len(body)}")
    return body


def _show(route: Route) -> dict[str, Any]:
    return {"id": route.id, "pattern": route.pattern, "script": route.script}
