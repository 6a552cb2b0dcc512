"""KV namespaces in the database: their ids and titles. The values are kept by the storage process."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from localedge.errors import CODE_NAMESPACE_OF_BINDING, Invalid
from localedge.state.model import Namespace
from localedge.state.schema import Schema

if TYPE_CHECKING:
    from localedge.state.model import Binding

SCHEMA = Schema("kv", ("CREATE TABLE namespaces (id TEXT PRIMARY KEY, title TEXT NOT NULL UNIQUE) STRICT;",))


class TitleTaken(Exception):
    """Another namespace has this title."""


class NamespaceTable:
    """Reads and writes of namespaces."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[Namespace]:
        """By title."""
        return [
            Namespace(*row) for row in self._db.execute("SELECT id, title FROM namespaces ORDER BY title")
        ]

    def get(self, namespace_id: str) -> Namespace | None:
        row = self._db.execute("SELECT id, title FROM namespaces WHERE id = ?", (namespace_id,)).fetchone()
        return row and Namespace(*row)

    def put(self, namespace: Namespace) -> None:
        """Add or rename; `TitleTaken` when another has that title."""
        query = "INSERT INTO namespaces VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title"
        try:
            self._db.execute(query, (namespace.id, namespace.title))
        except sqlite3.IntegrityError as error:
            raise TitleTaken(namespace.title) from error

    def delete(self, namespace_id: str) -> None:
        self._db.execute("DELETE FROM namespaces WHERE id = ?", (namespace_id,))

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the namespace that is bound is not there."""
        namespace_id = binding.get("namespace_id")
        if self.get(str(namespace_id)) is None:
            message = f"binding {binding['name']!r}: KV namespace not found, namespace_id is {namespace_id!r}"
            raise Invalid(CODE_NAMESPACE_OF_BINDING, message)
