"""D1 databases in the edge's own database: ids and names. Their content is kept by the storage process."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.d1.refusals import CODE_BINDING_DATABASE_MISSING
from localedge.errors import Invalid
from localedge.state.schema import Schema

if TYPE_CHECKING:
    from localedge.state.model import Binding

SCHEMA = Schema(
    "d1",
    (
        """
        CREATE TABLE d1_databases (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL,
            replication TEXT NOT NULL DEFAULT 'disabled',
            jurisdiction TEXT
        ) STRICT;
        """,
    ),
)
SELECT = "SELECT id, name, created_at, replication, jurisdiction FROM d1_databases"


class NameTaken(Exception):
    """Another database has this name."""


@dataclass(frozen=True, slots=True)
class Database:
    """A D1 database. `replication` is the mode of read replication; it has no effect here."""

    id: str
    name: str
    created_at: str
    replication: str = "disabled"
    jurisdiction: str | None = None


class DatabaseTable:
    """Reads and writes of databases."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[Database]:
        """Newest first, as the platform lists them."""
        return [Database(*row) for row in self._db.execute(f"{SELECT} ORDER BY created_at DESC, id")]

    def find(self, id_or_name: str) -> Database | None:
        """An id goes before a name."""
        wanted = f"{SELECT} WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1"
        row = self._db.execute(wanted, (id_or_name,)).fetchone()
        return row and Database(*row)

    def add(self, database: Database) -> None:
        """`NameTaken` when another has that name."""
        values = (
            database.id,
            database.name,
            database.created_at,
            database.replication,
            database.jurisdiction,
        )
        try:
            self._db.execute("INSERT INTO d1_databases VALUES (?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError as error:
            raise NameTaken(database.name) from error

    def replicate(self, database_id: str, mode: str) -> None:
        self._db.execute("UPDATE d1_databases SET replication = ? WHERE id = ?", (mode, database_id))

    def delete(self, database_id: str) -> None:
        self._db.execute("DELETE FROM d1_databases WHERE id = ?", (database_id,))

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the database that is bound is not there."""
        database_id = binding.get("id") or binding.get("database_id")
        found = self.find(str(database_id))
        if found is None or found.id != database_id:
            message = f"binding {binding['name']!r}: D1 database not found, id is {database_id!r}"
            raise Invalid(CODE_BINDING_DATABASE_MISSING, message)
