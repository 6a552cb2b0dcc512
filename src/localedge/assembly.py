"""The parts of an edge, put together: which tables there are, and what refers to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.edge import Addresses, Edge
from localedge.kv import table as kv_table
from localedge.kv.store import KvStore
from localedge.kv.table import NamespaceTable
from localedge.state import facts, workers
from localedge.state.blobs import Blobs
from localedge.state.facts import FactTable
from localedge.state.workers import WorkerTable
from localedge.tails import Tails
from localedge.workers.processes import Processes
from localedge.workers.referents import Referents
from localedge.workers.releases import Releases

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from localedge.runtime import Runtime

SCHEMAS = (facts.SCHEMA, workers.SCHEMA, kv_table.SCHEMA)


def assemble(folder: Path, database: sqlite3.Connection, runtime: Runtime, addresses: Addresses) -> Edge:
    """An edge on a folder. Nothing is started by this."""
    table, blobs = WorkerTable(database), Blobs(folder / "blobs")
    processes = Processes(runtime, blobs)
    namespaces = NamespaceTable(database)
    referents = Referents({"kv_namespace": namespaces.check_binding})
    return Edge(
        identity=FactTable(database).identity(),
        addresses=addresses,
        workers=table,
        namespaces=namespaces,
        kv=KvStore(runtime.storage),
        processes=processes,
        releases=Releases(table, referents, blobs, processes),
        runtime=runtime,
        tails=Tails(),
    )
