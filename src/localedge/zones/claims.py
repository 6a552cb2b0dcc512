"""What a client asks for, as a route or a custom domain, checked: its zone and its Worker are here."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from localedge.errors import (
    CODE_DOMAIN_TAKEN,
    CODE_MALFORMED,
    CODE_ROUTE_PATTERN,
    CODE_ROUTE_SCRIPT_MISSING,
    CODE_ROUTE_TAKEN,
    Conflict,
    Invalid,
    NotThere,
    script_missing,
    zone_missing,
)
from localedge.zones.patterns import HOST, BadPattern, host_of, read_pattern, zone_names
from localedge.zones.table import Domain, Route, RouteTaken, Zone, ZoneTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.state.workers import WorkerTable


class Claims:
    """Reads the two tables; `put_route` also writes, as only that can tell a duplicate."""

    def __init__(self, zones: ZoneTable, workers: WorkerTable) -> None:
        self._zones = zones
        self._workers = workers

    def zone_for(self, asked: Mapping[str, Any], host: str) -> Zone:
        """The zone named by `zone_id` or `zone_name`, or else the one that the host is in."""
        if asked.get("zone_id") is not None:
            zone = self._zones.zone(str(asked["zone_id"]))
        else:
            name = asked.get("zone_name")
            zone = self._zones.zone_named(zone_names(host) if name is None else [str(name).lower()])
        if zone is None:
            raise zone_missing(str(asked.get("zone_id") or asked.get("zone_name") or host))
        return zone

    def zone_of_pattern(self, asked: Mapping[str, Any]) -> Zone:
        """The zone of a route that names none."""
        return self.zone_for(asked, host_of(_pattern(asked)))

    def route(self, asked: Mapping[str, Any], zone: Zone, *, route_id: str | None = None) -> Route:
        """The route of `pattern` and `script`; without a Worker it keeps Workers away."""
        pattern, script = _pattern(asked), asked.get("script") or None
        try:
            reach = read_pattern(pattern, zone.name).source
        except BadPattern as error:
            raise Invalid(CODE_ROUTE_PATTERN, str(error)) from error
        if script is not None and self._workers.script(str(script)) is None:
            message = (
                f"Cannot configure a route for a Worker which does not exist ({script})."
                " Please ensure this Worker exists and try again."
            )
            raise Invalid(CODE_ROUTE_SCRIPT_MISSING, message)
        return Route(route_id or uuid.uuid4().hex, zone.id, pattern, reach, script and str(script))

    def put_route(self, route: Route) -> None:
        try:
            self._zones.put_route(route)
        except RouteTaken as error:
            other = self._zones.route_reaching(route.zone_id, route.reach)
            owner = f"the Worker {other.script}" if other and other.script else "no Worker"
            message = f"A route with the same pattern already exists: {route.pattern} leads to {owner}"
            raise Conflict(CODE_ROUTE_TAKEN, message) from error

    def domain(self, asked: Mapping[str, Any], service: str) -> Domain:
        """A Worker's domain at `hostname`, which keeps its id when it is there."""
        hostname = asked.get("hostname")
        if not isinstance(hostname, str) or not HOST.fullmatch(hostname.lower()):
            raise Invalid(
                CODE_MALFORMED, f"hostname has to be a host such as shop.example.com, not {hostname!r}"
            )
        if asked.get("previews_enabled"):
            raise NotThere("previews_enabled: preview addresses under a custom domain")
        if self._workers.script(service) is None:
            raise script_missing(service)
        hostname = hostname.lower()
        zone = self.zone_for(asked, hostname)
        if hostname != zone.name and not hostname.endswith(f".{zone.name}"):
            raise Invalid(CODE_MALFORMED, f"the host {hostname} is not in the zone {zone.name}")
        before = self._zones.domain_at(hostname)
        enabled = asked.get("enabled") is not False
        return Domain(before.id if before else uuid.uuid4().hex, zone.id, hostname, service, enabled)

    def check_free(self, domain: Domain) -> None:
        """Whether no other Worker has the host."""
        before = self._zones.domain_at(domain.hostname)
        if before is not None and before.service != domain.service:
            message = (
                f"Hostname '{domain.hostname}' already is a custom domain of the Worker '{before.service}';"
                " use the option 'override_existing_origin' to give it to this one"
            )
            raise Conflict(CODE_DOMAIN_TAKEN, message)


def _pattern(asked: Mapping[str, Any]) -> str:
    pattern = asked.get("pattern")
    if not isinstance(pattern, str):
        raise Invalid(CODE_MALFORMED, "a route needs a pattern such as example.com/*")
    return pattern
