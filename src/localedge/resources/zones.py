"""Zones: the domains that the edge answers for. Any name is taken, as there is no DNS here."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_ZONE_NAME, CODE_ZONE_TAKEN, Conflict, Invalid, zone_missing
from localedge.requests import page_of, read_object
from localedge.resources import ROOT
from localedge.state.model import utc_now
from localedge.zones.patterns import HOST
from localedge.zones.table import Zone, ZoneTaken

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

ZONES = f"{ROOT}/zones"
ZONE = f"{ZONES}/{{zone}}"
NAME_CHARACTERS_MAX = 253


COVERAGE = (
    Endpoint("GET", ZONES, "list (`name`, `account.id`, `page`, `per_page`)", ALL),
    Endpoint("POST", ZONES, "add one, of any name", SDKS),
    Endpoint("GET", ZONE, "one zone", SDKS),
    Endpoint("DELETE", ZONE, "remove it with its routes and custom domains", SDKS),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    zones = Zones(edge)
    return [
        Route(ZONES, zones.list_all, methods=["GET"]),
        Route(ZONES, zones.add, methods=["POST"]),
        Route(ZONE, zones.get, methods=["GET"]),
        Route(ZONE, zones.delete, methods=["DELETE"]),
    ]


def zone_of(edge: Edge, request: Request) -> Zone:
    """The zone in the path."""
    zone_id = str(request.path_params["zone"])
    zone = edge.zones.zone(zone_id)
    if zone is None:
        raise zone_missing(zone_id)
    return zone


class Zones:
    """What belongs to no Worker yet."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        name, account = request.query_params.get("name"), request.query_params.get("account.id")
        found = [
            zone
            for zone in self._edge.zones.zones()
            if name in (None, zone.name) and account in (None, self._edge.identity.account_id)
        ]
        page = page_of(request, size=20, size_max=50)
        shown = [self._show(zone) for zone in page.cut(found)]
        return ok(shown, info=page.info(count=len(shown), total=len(found)))

    async def add(self, request: Request) -> Response:
        name = (await read_object(request)).get("name")
        if not isinstance(name, str) or not HOST.fullmatch(name.lower()) or len(name) > NAME_CHARACTERS_MAX:
            raise Invalid(CODE_ZONE_NAME, f"name has to be a domain such as example.com, not {name!r}")
        zone = Zone(uuid.uuid4().hex, name.lower(), utc_now())
        try:
            self._edge.zones.add_zone(zone)
        except ZoneTaken as error:
            raise Conflict(CODE_ZONE_TAKEN, f"{zone.name} already exists") from error
        return ok(self._show(zone))

    async def get(self, request: Request) -> Response:
        return ok(self._show(zone_of(self._edge, request)))

    async def delete(self, request: Request) -> Response:
        zone = zone_of(self._edge, request)
        self._edge.zones.delete_zone(zone.id)
        await self._edge.addressing.publish()
        return ok({"id": zone.id})

    def _show(self, zone: Zone) -> dict[str, Any]:
        """A zone that is active at once, and has no name servers."""
        identity = self._edge.identity
        return {
            "id": zone.id,
            "name": zone.name,
            "status": "active",
            "paused": False,
            "type": "full",
            "development_mode": 0,
            "name_servers": [],
            "original_dnshost": None,
            "original_name_servers": None,
            "original_registrar": None,
            "created_on": zone.created_on,
            "modified_on": zone.created_on,
            "activated_on": zone.created_on,
            "account": {"id": identity.account_id, "name": "local edge"},
            "owner": {"id": identity.user_id, "name": None, "type": "user"},
            "meta": {},
            "plan": {"name": "local edge", "price": 0},
            "permissions": [],
        }
