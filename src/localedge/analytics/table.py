"""Invocations in a database of their own: each second of the last minutes, each minute of the last day.

Measurements are no state: they are written without waiting for the disk, and may end with the machine.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from localedge.analytics.rows import Row, coarser
from localedge.state.database import transaction
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

SCHEMA = Schema(
    "invocations",
    (
        """
        CREATE TABLE invocations (
            at INTEGER NOT NULL,
            seconds INTEGER NOT NULL,
            script TEXT NOT NULL,
            version_id TEXT NOT NULL,
            outcomes TEXT NOT NULL,
            buckets TEXT NOT NULL,
            sum_ms REAL NOT NULL,
            cpu_us INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX invocations_by_time ON invocations (seconds, at);
        """,
    ),
)
MINUTE = 60
FINE_SECONDS = 15 * MINUTE
"""So long each second is kept, then each minute."""
KEPT_SECONDS = 24 * 60 * MINUTE
ROWS_MAX = 50_000

INSERT = (
    "INSERT INTO invocations (at, script, version_id, outcomes, buckets, sum_ms, cpu_us, seconds)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class InvocationTable:
    """Reads and writes; one call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, rows: Iterable[Row], *, seconds: int = 1) -> None:
        """Rows of intervals that are so long."""
        with transaction(self._db):
            self._insert(rows, seconds)

    def between(self, begin: int, end: int) -> list[Row]:
        """Rows whose interval begins at `begin` or later and before `end`, oldest first."""
        query = "SELECT * FROM invocations WHERE seconds IN (1, 60) AND at >= ? AND at < ? ORDER BY at"
        return [_row(found) for found in self._db.execute(query, (begin, end))]

    def tidy(self, now: int) -> None:
        """Keep what is older by the minute, and no more than so long and so much."""
        border = now - now % MINUTE - FINE_SECONDS
        query = "SELECT * FROM invocations WHERE seconds = 1 AND at < ?"
        old = [_row(found) for found in self._db.execute(query, (border,))]
        with transaction(self._db):
            self._insert(coarser(old, MINUTE), MINUTE)
            self._db.execute("DELETE FROM invocations WHERE seconds = 1 AND at < ?", (border,))
            self._db.execute("DELETE FROM invocations WHERE at < ?", (now - KEPT_SECONDS,))
            self._db.execute(
                "DELETE FROM invocations WHERE rowid IN"
                " (SELECT rowid FROM invocations ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (ROWS_MAX,),
            )

    def _insert(self, rows: Iterable[Row], seconds: int) -> None:
        values = [
            (
                row.at,
                row.script,
                row.version_id,
                json.dumps(row.outcomes),
                json.dumps(list(row.buckets.items())),
                row.sum_ms,
                row.cpu_us,
                seconds,
            )
            for row in rows
        ]
        self._db.executemany(INSERT, values)


def _row(found: sqlite3.Row) -> Row:
    return Row(
        found["at"],
        found["script"],
        found["version_id"],
        Counter(json.loads(found["outcomes"])),
        Counter(dict(json.loads(found["buckets"]))),
        found["sum_ms"],
        found["cpu_us"],
    )
