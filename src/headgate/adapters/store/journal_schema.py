"""The tables of the journal's file. `user_version` says which form of them it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.errors import JournalError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

VERSION = 1

_TABLES = (
    """CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (typeof(at) = 'text'),
        event TEXT NOT NULL CHECK (typeof(event) = 'text'),
        change_id TEXT NOT NULL CHECK (typeof(change_id) = 'text'),
        subject TEXT NOT NULL CHECK (typeof(subject) = 'text'),
        actor TEXT NOT NULL CHECK (typeof(actor) = 'text'),
        data TEXT NOT NULL CHECK (typeof(data) = 'text'),
        previous TEXT NOT NULL CHECK (length(previous) = 64),
        hash TEXT NOT NULL CHECK (length(hash) = 64)
    )""",
    # SQLite ends every index with the primary key, so each of these also gives the order by seq.
    "CREATE INDEX entries_by_change ON entries (change_id)",
    "CREATE INDEX entries_by_subject ON entries (subject, event)",
    "CREATE INDEX entries_by_event ON entries (event)",
    """CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    # What could be found out from the entries, kept so that finding it costs nothing.
    "CREATE TABLE open_changes (change_id TEXT PRIMARY KEY, seq INTEGER NOT NULL)",
)


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make a new file a journal, and an open one safe. Raises JournalError for a newer form of file."""
    if _version(db) == 0:
        _create(db)
    if _version(db) != VERSION:
        raise JournalError(
            f"The journal has form {_version(db)}, and this Headgate knows form {VERSION}.",
            where=str(path),
            remedy="Use the newer Headgate that wrote it.",
        )
    # An entry is on the disk before anything that follows from it is done.
    db.execute("PRAGMA synchronous = FULL")


def _create(db: sqlite3.Connection) -> None:
    # Write-ahead log: readers and the one writer do not wait for each other. The file remembers it.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    try:
        if _version(db) == 0:  # else another process was faster
            for statement in _TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version
