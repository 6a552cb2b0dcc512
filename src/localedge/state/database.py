"""The SQLite file: its tables, and how it is opened. Only its owner may read it, for it holds secrets."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE scripts (
    name TEXT PRIMARY KEY, tag TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL,
    settings TEXT NOT NULL, workers_dev INTEGER NOT NULL, previews INTEGER NOT NULL
) STRICT;
CREATE TABLE versions (
    id TEXT PRIMARY KEY, script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE, number INTEGER NOT NULL,
    created_on TEXT NOT NULL, source TEXT NOT NULL, main_module TEXT NOT NULL, modules TEXT NOT NULL,
    bindings TEXT NOT NULL, compatibility_date TEXT NOT NULL, compatibility_flags TEXT NOT NULL,
    annotations TEXT NOT NULL, etag TEXT NOT NULL, startup_time_ms INTEGER NOT NULL, extra TEXT NOT NULL,
    UNIQUE (script, number)
) STRICT;
CREATE TABLE secrets (
    version_id TEXT NOT NULL REFERENCES versions ON DELETE CASCADE, name TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (version_id, name)
) STRICT;
CREATE TABLE deployments (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE,
    created_on TEXT NOT NULL, source TEXT NOT NULL, shares TEXT NOT NULL, annotations TEXT NOT NULL
) STRICT;
CREATE INDEX deployments_by_script ON deployments (script, place);
CREATE TABLE namespaces (id TEXT PRIMARY KEY, title TEXT NOT NULL UNIQUE) STRICT;
"""


class StateTooNew(Exception):
    """The file was written by a newer edge."""


def open_database(path: Path) -> sqlite3.Connection:
    """The database at `path`, made if it is not there. A commit is on the disk when it returns."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    _bring_up_to_date(connection, path)
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > SCHEMA_VERSION:
        connection.close()
        message = (
            f"{path} was written by a newer local edge (format {found}, this one knows {SCHEMA_VERSION})"
        )
        raise StateTooNew(message)
    if found == 0:
        connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
