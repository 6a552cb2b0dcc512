"""Zones, routes and custom domains in the database. A Worker that is deleted takes its own with it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.state.database import transaction
from localedge.state.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

SCHEMA = Schema(
    "zones",
    (
        """
CREATE TABLE zones (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_on TEXT NOT NULL) STRICT;
CREATE TABLE routes (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones ON DELETE CASCADE,
    pattern TEXT NOT NULL, reach TEXT NOT NULL, script TEXT REFERENCES scripts ON DELETE CASCADE,
    UNIQUE (zone_id, reach)
) STRICT;
CREATE TABLE domains (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones ON DELETE CASCADE,
    hostname TEXT NOT NULL UNIQUE, service TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE,
    enabled INTEGER NOT NULL
) STRICT;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A domain that the edge answers for."""

    id: str
    name: str
    created_on: str


@dataclass(frozen=True, slots=True)
class Route:
    """A pattern and the Worker it leads to; None for one that keeps Workers away.

    `reach` is what the pattern matches: two patterns with the same are one.
    """

    id: str
    zone_id: str
    pattern: str
    reach: str
    script: str | None


@dataclass(frozen=True, slots=True)
class Domain:
    """A host that one Worker answers, whatever the path."""

    id: str
    zone_id: str
    hostname: str
    service: str
    enabled: bool


class ZoneTaken(Exception):
    """A zone of that name is there."""


class RouteTaken(Exception):
    """Another route of the zone has the same reach."""


class ZoneTable:
    """Reads and writes. Nothing here decides."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def transaction(self) -> AbstractContextManager[None]:
        """Several writes that happen together or not at all."""
        return transaction(self._db)

    def zones(self) -> list[Zone]:
        """By name."""
        return [Zone(*row) for row in self._db.execute("SELECT * FROM zones ORDER BY name")]

    def zone(self, zone_id: str) -> Zone | None:
        row = self._db.execute("SELECT * FROM zones WHERE id = ?", (zone_id,)).fetchone()
        return row and Zone(*row)

    def zone_named(self, names: Iterable[str]) -> Zone | None:
        """The zone of the first of these names that has one."""
        for name in names:
            if row := self._db.execute("SELECT * FROM zones WHERE name = ?", (name,)).fetchone():
                return Zone(*row)
        return None

    def add_zone(self, zone: Zone) -> None:
        try:
            self._db.execute("INSERT INTO zones VALUES (?, ?, ?)", (zone.id, zone.name, zone.created_on))
        except sqlite3.IntegrityError as error:
            raise ZoneTaken(zone.name) from error

    def delete_zone(self, zone_id: str) -> None:
        """The zone with its routes and custom domains."""
        self._db.execute("DELETE FROM zones WHERE id = ?", (zone_id,))

    def routes(self, *, zone_id: str | None = None, script: str | None = None) -> list[Route]:
        """All routes, or those of a zone, or those of a Worker."""
        query = (
            "SELECT * FROM routes WHERE (:zone IS NULL OR zone_id = :zone)"
            " AND (:script IS NULL OR script = :script) ORDER BY rowid"
        )
        rows = self._db.execute(query, {"zone": zone_id, "script": script})
        return [Route(*row) for row in rows]

    def route(self, zone_id: str, route_id: str) -> Route | None:
        query = "SELECT * FROM routes WHERE zone_id = ? AND id = ?"
        row = self._db.execute(query, (zone_id, route_id)).fetchone()
        return row and Route(*row)

    def route_reaching(self, zone_id: str, reach: str) -> Route | None:
        query = "SELECT * FROM routes WHERE zone_id = ? AND reach = ?"
        row = self._db.execute(query, (zone_id, reach)).fetchone()
        return row and Route(*row)

    def put_route(self, route: Route) -> None:
        """Add or change; `RouteTaken` when another route of the zone matches the same."""
        query = (
            "INSERT INTO routes VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " pattern = excluded.pattern, reach = excluded.reach, script = excluded.script"
        )
        values = (route.id, route.zone_id, route.pattern, route.reach, route.script)
        try:
            self._db.execute(query, values)
        except sqlite3.IntegrityError as error:
            raise RouteTaken(route.pattern) from error

    def delete_route(self, route_id: str) -> None:
        self._db.execute("DELETE FROM routes WHERE id = ?", (route_id,))

    def domains(self) -> list[Domain]:
        """By hostname."""
        return [_domain(row) for row in self._db.execute("SELECT * FROM domains ORDER BY hostname")]

    def domain(self, domain_id: str) -> Domain | None:
        row = self._db.execute("SELECT * FROM domains WHERE id = ?", (domain_id,)).fetchone()
        return row and _domain(row)

    def domain_at(self, hostname: str) -> Domain | None:
        row = self._db.execute("SELECT * FROM domains WHERE hostname = ?", (hostname,)).fetchone()
        return row and _domain(row)

    def put_domain(self, domain: Domain) -> None:
        """Add, or give the hostname to another Worker."""
        query = (
            "INSERT INTO domains VALUES (?, ?, ?, ?, ?) ON CONFLICT (hostname) DO UPDATE SET"
            " zone_id = excluded.zone_id, service = excluded.service, enabled = excluded.enabled"
        )
        values = (domain.id, domain.zone_id, domain.hostname, domain.service, int(domain.enabled))
        self._db.execute(query, values)

    def delete_domain(self, domain_id: str) -> None:
        self._db.execute("DELETE FROM domains WHERE id = ?", (domain_id,))


def _domain(row: sqlite3.Row) -> Domain:
    domain_id, zone_id, hostname, service, enabled = row
    return Domain(domain_id, zone_id, hostname, service, bool(enabled))
