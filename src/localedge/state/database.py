"""The SQLite file: how it is opened and brought up to date. Only its owner reads it: it holds secrets."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from localedge.state.schema import Schema

FIRST = ("facts", "workers", "kv")
"""What a file of the first edge has, which numbered its format as a whole."""

FORMATS = "CREATE TABLE IF NOT EXISTS formats (name TEXT PRIMARY KEY, format INTEGER NOT NULL) STRICT"


class StateTooNew(Exception):
    """The file was written by a newer edge."""


def open_database(path: Path, schemas: Iterable[Schema]) -> sqlite3.Connection:
    """The database at `path`, made if it is not there. A commit is on the disk when it returns."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(FORMATS)
    _adopt(connection)
    try:
        for schema in schemas:
            _bring_up_to_date(connection, schema, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Several writes that happen together or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _adopt(connection: sqlite3.Connection) -> None:
    (whole,) = connection.execute("PRAGMA user_version").fetchone()
    if whole == 1:
        rows = [(name, 1) for name in FIRST]
        connection.executemany("INSERT OR IGNORE INTO formats VALUES (?, ?)", rows)


def _bring_up_to_date(connection: sqlite3.Connection, schema: Schema, path: Path) -> None:
    row = connection.execute("SELECT format FROM formats WHERE name = ?", (schema.name,)).fetchone()
    found, newest = (row["format"] if row else 0), len(schema.steps)
    if found > newest:
        message = (
            f"{path} was written by a newer local edge: its {schema.name} has format {found}, "
            f"this one knows {newest}"
        )
        raise StateTooNew(message)
    if found < newest:
        connection.executescript(f"BEGIN; {''.join(schema.steps[found:])}")
        connection.execute("INSERT OR REPLACE INTO formats VALUES (?, ?)", (schema.name, newest))
        connection.execute("COMMIT")
