"""Telemetry events in the database of measurements: so many, and for so long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from localedge.state.database import transaction
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from localedge.analytics.telemetry.events import Event

SCHEMA = Schema(
    "telemetry",
    (
        """
        CREATE TABLE telemetry (
            id TEXT PRIMARY KEY, timestamp_ms INTEGER NOT NULL, sample_interval REAL NOT NULL,
            event TEXT NOT NULL
        ) STRICT;
        CREATE INDEX telemetry_by_time ON telemetry (timestamp_ms);
        """,
    ),
)
EVENTS_MAX = 10_000
TIDY_AFTER = 1_000
"""Events: so many may be too many for a while."""
KEPT_MS = 3 * 24 * 3600 * 1000
"""As long as the platform keeps them for an account that pays nothing."""


class Kept(NamedTuple):
    """An event, and how many it stands for."""

    event: Event
    sample_interval: float


class TelemetryTable:
    """Reads and writes; one call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._added = 0

    def add(self, events: Iterable[Event], sample_interval: float) -> None:
        values = [
            (event["$metadata"]["id"], event["timestamp"], sample_interval, json.dumps(event))
            for event in events
        ]
        with transaction(self._db):
            self._db.executemany("INSERT OR IGNORE INTO telemetry VALUES (?, ?, ?, ?)", values)
        self._added += len(values)
        if self._added >= TIDY_AFTER:
            self._added = 0
            self._forget_oldest()

    def between(self, begin_ms: float, end_ms: float) -> list[Kept]:
        """Newest first."""
        query = (
            "SELECT event, sample_interval FROM telemetry WHERE timestamp_ms BETWEEN ? AND ? ORDER BY id DESC"
        )
        found = self._db.execute(query, (begin_ms, end_ms))
        return [Kept(json.loads(row["event"]), row["sample_interval"]) for row in found]

    def tidy(self, now_ms: int) -> None:
        """Forget what is too old, and the oldest of what is too much."""
        with transaction(self._db):
            self._db.execute("DELETE FROM telemetry WHERE timestamp_ms < ?", (now_ms - KEPT_MS,))
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        query = (
            "DELETE FROM telemetry WHERE id IN (SELECT id FROM telemetry ORDER BY id DESC LIMIT -1 OFFSET ?)"
        )
        self._db.execute(query, (EVENTS_MAX,))
