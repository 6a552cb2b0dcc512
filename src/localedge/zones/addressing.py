"""Tells the runtime where Workers answer, whenever that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime import AddressTable
from localedge.zones.patterns import read_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localedge.runtime import Runtime
    from localedge.state.model import Script
    from localedge.state.workers import WorkerTable
    from localedge.zones.table import Domain, Route, Zone, ZoneTable


class Addressing:
    """`publish` hands over the whole table; changes are rare and the table is small."""

    def __init__(self, zones: ZoneTable, workers: WorkerTable, runtime: Runtime) -> None:
        self._zones = zones
        self._workers = workers
        self._runtime = runtime

    async def publish(self) -> None:
        """Have the router use what the tables say now."""
        zones = self._zones
        table = address_table(zones.zones(), zones.routes(), zones.domains(), self._workers.scripts())
        await self._runtime.set_addresses(table)


def address_table(
    zones: Iterable[Zone], routes: Iterable[Route], domains: Iterable[Domain], scripts: Iterable[Script]
) -> AddressTable:
    """Routes in the order in which they win."""
    names = {zone.id: zone.name for zone in zones}
    read = [(read_pattern(route.pattern, names[route.zone_id]), route.script) for route in routes]
    ranked = sorted(read, key=lambda route: route[0].rank, reverse=True)
    return AddressTable(
        routes=tuple((pattern.source, script) for pattern, script in ranked),
        domains={domain.hostname: domain.service for domain in domains if domain.enabled},
        off=tuple(script.name for script in scripts if not script.at_own_address),
    )
