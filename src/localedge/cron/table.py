"""Cron triggers in the database: each Worker's expressions, and when each of them ran last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.state.database import transaction
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

SCHEMA = Schema(
    "cron",
    (
        """
CREATE TABLE schedules (
    script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE, cron TEXT NOT NULL, created_on TEXT NOT NULL,
    modified_on TEXT NOT NULL, ran_ms INTEGER NOT NULL, PRIMARY KEY (script, cron)
) STRICT;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One expression of a Worker. `ran_ms` is when the minute began that it ran in last, 0 for never."""

    script: str
    cron: str
    created_on: str
    modified_on: str
    ran_ms: int = 0


class ScheduleTable:
    """Reads and writes. One call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[Schedule]:
        return [Schedule(*row) for row in self._db.execute("SELECT * FROM schedules ORDER BY script, cron")]

    def of(self, script: str) -> list[Schedule]:
        """In the order in which they were made."""
        query = "SELECT * FROM schedules WHERE script = ? ORDER BY created_on, rowid"
        return [Schedule(*row) for row in self._db.execute(query, (script,))]

    def count_elsewhere(self, script: str) -> int:
        """How many all other Workers have."""
        (count,) = self._db.execute("SELECT count(*) FROM schedules WHERE script != ?", (script,)).fetchone()
        return int(count)

    def replace(self, script: str, crons: Sequence[str], now: str) -> None:
        """A Worker's expressions from now on; one that it had keeps the time it was made at."""
        keep = ", ".join("?" * len(crons))
        with transaction(self._db):
            self._db.execute(
                f"DELETE FROM schedules WHERE script = ? AND cron NOT IN ({keep})",  # noqa: S608
                (script, *crons),
            )
            self._db.executemany(
                "INSERT INTO schedules VALUES (?, ?, ?, ?, 0)"
                " ON CONFLICT (script, cron) DO UPDATE SET modified_on = excluded.modified_on",
                [(script, cron, now, now) for cron in crons],
            )

    def ran(self, schedules: Sequence[Schedule], minute_ms: int) -> None:
        """Remember that these run in this minute, before they do: at most once a minute."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE schedules SET ran_ms = ? WHERE script = ? AND cron = ?",
                [(minute_ms, schedule.script, schedule.cron) for schedule in schedules],
            )
