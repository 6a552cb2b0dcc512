"""Durable Object namespaces and the last migration of each Worker, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from localedge.errors import Invalid
from localedge.objects.errors import CODE_NO_CLASS
from localedge.objects.migrations import Classes
from localedge.runtime import ObjectClass
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3

    from localedge.state.model import Binding

SCHEMA = Schema(
    "objects",
    (
        """
CREATE TABLE object_namespaces (
    id TEXT PRIMARY KEY, script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE,
    class TEXT NOT NULL, sql INTEGER NOT NULL, UNIQUE (script, class)
) STRICT;
CREATE TABLE object_migrations (
    script TEXT PRIMARY KEY REFERENCES scripts ON DELETE CASCADE, tag TEXT, version INTEGER NOT NULL
) STRICT;
""",
    ),
)


class ObjectNamespace(NamedTuple):
    """A class of a Worker, with the objects that belong to it."""

    script: str
    object_class: ObjectClass


class ObjectTable:
    """Reads and writes of namespaces and migrations."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[ObjectNamespace]:
        """By Worker and class."""
        rows = self._db.execute("SELECT script, class, id, sql FROM object_namespaces ORDER BY script, class")
        return [_namespace(row) for row in rows]

    def get(self, namespace_id: str) -> ObjectNamespace | None:
        query = "SELECT script, class, id, sql FROM object_namespaces WHERE id = ?"
        row = self._db.execute(query, (namespace_id,)).fetchone()
        return _namespace(row) if row else None

    def classes(self, script: str) -> Classes:
        """A Worker's classes as they are now."""
        query = "SELECT script, class, id, sql FROM object_namespaces WHERE script = ? ORDER BY class"
        rows = self._db.execute(query, (script,))
        found = (_namespace(row).object_class for row in rows)
        return Classes(self.tag(script), {one.name: one for one in found})

    def tag(self, script: str) -> str | None:
        """The tag of the Worker's last migration."""
        row = self._db.execute("SELECT tag FROM object_migrations WHERE script = ?", (script,)).fetchone()
        return row["tag"] if row else None

    def migrated_by(self, script: str) -> int:
        """The number of the version that brought the last migration, 0 if none did."""
        row = self._db.execute("SELECT version FROM object_migrations WHERE script = ?", (script,)).fetchone()
        return row["version"] if row else 0

    def put(self, script: str, classes: Classes, *, version: int) -> None:
        """Remember what a version's migration has made of the classes."""
        self._db.execute("DELETE FROM object_namespaces WHERE script = ?", (script,))
        rows = [(one.namespace_id, script, one.name, int(one.sql)) for one in classes.by_name.values()]
        self._db.executemany("INSERT INTO object_namespaces VALUES (?, ?, ?, ?)", rows)
        query = "INSERT OR REPLACE INTO object_migrations VALUES (?, ?, ?)"
        self._db.execute(query, (script, classes.tag, version))

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the class that is bound has no objects any more."""
        if self.get(str(binding.get("namespace_id"))) is None:
            message = (
                f"Cannot create binding for class '{binding.get('class_name')}' because it is not currently"
                " configured to implement Durable Objects. Ensure a --new-class migration has been applied"
                " to it."
            )
            raise Invalid(CODE_NO_CLASS, message)


def _namespace(row: sqlite3.Row) -> ObjectNamespace:
    return ObjectNamespace(row["script"], ObjectClass(row["class"], row["id"], bool(row["sql"])))
