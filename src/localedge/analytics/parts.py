"""The parts of analytics, put together for the resources."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.analytics import table as invocation_table
from localedge.analytics.collector import Collector
from localedge.analytics.graphql import Analytics
from localedge.analytics.options import OptionStore
from localedge.analytics.table import InvocationTable
from localedge.analytics.telemetry import table as telemetry_table
from localedge.analytics.telemetry.observer import Observer
from localedge.analytics.telemetry.table import TelemetryTable
from localedge.runtime import EDGES_MS
from localedge.state.database import StateTooNew, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localedge.runtime import Runtime
    from localedge.state.facts import FactTable
    from localedge.state.workers import WorkerTable

SCHEMAS = (invocation_table.SCHEMA, telemetry_table.SCHEMA)


@dataclass(frozen=True, slots=True)
class Measurements:
    """What was measured, and what measures."""

    database: sqlite3.Connection
    collector: Collector
    analytics: Analytics
    options: OptionStore
    telemetry: TelemetryTable
    observer: Observer

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Measure until the end of the block."""
        with contextlib.closing(self.database):
            async with self.collector.running(), self.observer.running():
                yield


def measurements(folder: Path, facts: FactTable, workers: WorkerTable, runtime: Runtime) -> Measurements:
    """On the edge's folder. Nothing is started by this."""
    database = _open(folder / "measurements.sqlite")
    table, options = InvocationTable(database), OptionStore(facts)
    analytics = Analytics(
        facts.identity().account_id, table, options, edges_ms=EDGES_MS, tag_of=workers.tag_of
    )
    telemetry = TelemetryTable(database)
    return Measurements(
        database,
        Collector(runtime, table),
        analytics,
        options,
        telemetry,
        Observer(runtime, workers, telemetry),
    )


def _open(path: Path) -> sqlite3.Connection:
    """A file that cannot be read, or is a newer edge's, is begun anew: measurements are no state."""
    try:
        database = open_database(path, SCHEMAS)
    except (sqlite3.DatabaseError, StateTooNew):
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        database = open_database(path, SCHEMAS)
    database.execute("PRAGMA synchronous = OFF")
    return database
