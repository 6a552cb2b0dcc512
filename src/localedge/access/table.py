"""API tokens in the database, by the hash of their value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localedge.access.policy_form import read_policy
from localedge.access.tokens import Owner, Token, digest
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3

SCHEMA = Schema(
    "tokens",
    (
        """
CREATE TABLE tokens (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
    name TEXT NOT NULL, disabled INTEGER NOT NULL, issued_on TEXT NOT NULL, modified_on TEXT NOT NULL,
    policies TEXT NOT NULL, not_before TEXT NOT NULL, expires_on TEXT NOT NULL, condition TEXT NOT NULL
) STRICT;
""",
    ),
)
COLUMNS = (
    "id, digest, owner, name, disabled, issued_on, modified_on, policies, not_before, expires_on, condition"
)


class TokenTable:
    """Reads and writes of tokens. No value is ever kept."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self, owner: Owner) -> list[Token]:
        """Oldest first."""
        rows = self._db.execute("SELECT * FROM tokens WHERE owner = ? ORDER BY place", (owner,))
        return [_token(row) for row in rows]

    def get(self, owner: Owner, token_id: str) -> Token | None:
        query = "SELECT * FROM tokens WHERE owner = ? AND id = ?"
        row = self._db.execute(query, (owner, token_id)).fetchone()
        return row and _token(row)

    def by_value(self, value: str) -> Token | None:
        row = self._db.execute("SELECT * FROM tokens WHERE digest = ?", (digest(value),)).fetchone()
        return row and _token(row)

    def as_s3_key(self, token_id: str) -> tuple[Token, str] | None:
        """A token and its S3 secret, which is the hash that is kept."""
        row = self._db.execute("SELECT * FROM tokens WHERE id = ?", (token_id,)).fetchone()
        return row and (_token(row), str(row["digest"]))

    def add(self, token: Token, value: str) -> None:
        self._db.execute(
            f"INSERT INTO tokens ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (token.id, digest(value), token.owner, *_changeable(token)),
        )

    def change(self, token: Token) -> None:
        """Everything but its value."""
        self._db.execute(
            "UPDATE tokens SET name = ?, disabled = ?, issued_on = ?, modified_on = ?, policies = ?,"
            " not_before = ?, expires_on = ?, condition = ? WHERE id = ?",
            (*_changeable(token), token.id),
        )

    def roll(self, token_id: str, value: str) -> None:
        """From now on the token has this value."""
        self._db.execute("UPDATE tokens SET digest = ? WHERE id = ?", (digest(value), token_id))

    def delete(self, token_id: str) -> None:
        self._db.execute("DELETE FROM tokens WHERE id = ?", (token_id,))


def _changeable(token: Token) -> tuple[object, ...]:
    return (
        token.name,
        int(token.disabled),
        token.issued_on,
        token.modified_on,
        json.dumps([dict(policy.told) for policy in token.policies]),
        token.not_before,
        token.expires_on,
        json.dumps(dict(token.condition)),
    )


def _token(row: sqlite3.Row) -> Token:
    return Token(
        id=row["id"],
        owner=Owner(row["owner"]),
        name=row["name"],
        disabled=bool(row["disabled"]),
        issued_on=row["issued_on"],
        modified_on=row["modified_on"],
        policies=tuple(read_policy(policy) for policy in json.loads(row["policies"])),
        not_before=row["not_before"],
        expires_on=row["expires_on"],
        condition=json.loads(row["condition"]),
    )
