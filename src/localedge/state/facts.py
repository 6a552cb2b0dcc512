"""Facts the edge remembers about itself: its identity, and the ports it had."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from localedge.state.model import Identity
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3


SCHEMA = Schema("facts", ("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;",))


class FactTable:
    """Named values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row and str(row["value"])

    def put(self, name: str, value: str) -> None:
        query = "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self._db.execute(query, (name, value))

    def identity(self) -> Identity:
        """Who the edge is: made at the first start, the same ever after."""
        return Identity(
            account_id=self._once("account_id", secrets.token_hex(16)),
            user_id=self._once("user_id", secrets.token_hex(16)),
            token=self._once("token", secrets.token_urlsafe(30)),
        )

    def asset_key(self) -> str:
        """What the tokens of asset uploads are signed with."""
        return self._once("asset_key", secrets.token_urlsafe(30))

    def port(self, name: str) -> int:
        """A remembered port; 0 when there is none."""
        return int(self.get(name) or 0)

    def _once(self, name: str, value: str) -> str:
        found = self.get(name)
        if found is None:
            self.put(name, value)
        return found or value
