"""D1's parts, put together for the resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.d1.files import Files
from localedge.d1.histories import Histories
from localedge.d1.store import D1Store
from localedge.d1.table import DatabaseTable

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from localedge.runtime.door import StorageDoor


@dataclass(frozen=True, slots=True)
class D1:
    """Which databases there are, what is in them, what was in them, and files on their way."""

    table: DatabaseTable
    store: D1Store
    histories: Histories
    files: Files

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the histories of all databases until the end of the block."""
        return self.histories.kept(database.id for database in self.table.all())


def d1_parts(folder: Path, database: sqlite3.Connection, door: StorageDoor) -> D1:
    """On the edge's folder."""
    data = folder / "runtime" / "data"
    store = D1Store(door)
    return D1(DatabaseTable(database), store, Histories(data, store), Files(folder / "d1-files"))
