"""KV namespaces in the database: their ids and titles. The values are kept by the storage process."""

from __future__ import annotations

import sqlite3

from localedge.state.model import Namespace


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
