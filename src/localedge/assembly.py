"""The parts of an edge, put together: which tables there are, and what refers to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.access import table as token_table
from localedge.access.access import Access
from localedge.access.guard import Guard
from localedge.access.limit import RateLimit
from localedge.access.table import TokenTable
from localedge.assets import table as asset_table
from localedge.assets.store import AssetStore
from localedge.assets.table import AssetTable
from localedge.assets.tokens import Tokens
from localedge.edge import Addresses, Edge
from localedge.kv import table as kv_table
from localedge.kv.store import KvStore
from localedge.kv.table import NamespaceTable
from localedge.r2 import table as r2_table
from localedge.r2.store import R2Store
from localedge.r2.table import BucketTable
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

SCHEMAS = (
    facts.SCHEMA,
    workers.SCHEMA,
    asset_table.SCHEMA,
    kv_table.SCHEMA,
    r2_table.SCHEMA,
    token_table.SCHEMA,
)


def assemble(folder: Path, database: sqlite3.Connection, runtime: Runtime, addresses: Addresses) -> Edge:
    """An edge on a folder. Nothing is started by this."""
    table, blobs = WorkerTable(database), Blobs(folder / "blobs")
    identity, tokens = FactTable(database).identity(), TokenTable(database)
    assets = AssetStore(AssetTable(database), blobs, Tokens(FactTable(database).asset_key()))
    processes = Processes(runtime, blobs, assets)
    namespaces = NamespaceTable(database)
    buckets = BucketTable(database)
    referents = Referents({"kv_namespace": namespaces.check_binding, "r2_bucket": buckets.check_binding})
    return Edge(
        identity=identity,
        addresses=addresses,
        access=Access(tokens, Guard(identity, tokens, table.tag_of), RateLimit()),
        workers=table,
        assets=assets,
        namespaces=namespaces,
        kv=KvStore(runtime.storage),
        buckets=buckets,
        r2=R2Store(runtime.storage),
        processes=processes,
        releases=Releases(table, referents, blobs, assets, processes),
        runtime=runtime,
        tails=Tails(),
    )
