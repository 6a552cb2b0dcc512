"""The parts of an edge, put together: which tables there are, and what refers to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.access import table as token_table
from localedge.access.access import Access
from localedge.access.guard import Guard
from localedge.access.limit import RateLimit
from localedge.access.table import TokenTable
from localedge.analytics.parts import measurements
from localedge.assets import table as asset_table
from localedge.assets.store import AssetStore
from localedge.assets.table import AssetTable
from localedge.assets.tokens import Tokens
from localedge.cron import table as cron_table
from localedge.cron.scheduler import Scheduler
from localedge.cron.table import ScheduleTable
from localedge.d1 import table as d1_table
from localedge.d1.parts import d1_parts
from localedge.edge import Addresses, Edge
from localedge.faults.faults import Faults
from localedge.faults.processes import ProcessFaults
from localedge.faults.traffic import TrafficFaults
from localedge.kv import table as kv_table
from localedge.kv.store import KvStore
from localedge.kv.table import NamespaceTable
from localedge.objects import table as object_table
from localedge.objects.plans import ObjectPlans
from localedge.objects.table import ObjectTable
from localedge.queues import table as queue_table
from localedge.queues.broker import Broker
from localedge.queues.messages import MessageTable
from localedge.queues.table import QueueTable
from localedge.r2 import table as r2_table
from localedge.r2.store import R2Store
from localedge.r2.table import BucketTable
from localedge.ratelimit.wiring import check_ratelimit
from localedge.state import facts, workers
from localedge.state.blobs import Blobs
from localedge.state.facts import FactTable
from localedge.state.workers import WorkerTable
from localedge.tails import Tails
from localedge.workers.dispatch import Dispatch
from localedge.workers.previews import PreviewFinder
from localedge.workers.processes import Processes
from localedge.workers.references import References
from localedge.workers.referents import Referents
from localedge.workers.releases import Releases
from localedge.zones import table as zone_table
from localedge.zones.addressing import Addressing
from localedge.zones.claims import Claims
from localedge.zones.table import ZoneTable

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from localedge.runtime import Runtime

SCHEMAS = (
    facts.SCHEMA,
    workers.SCHEMA,
    asset_table.SCHEMA,
    d1_table.SCHEMA,
    cron_table.SCHEMA,
    kv_table.SCHEMA,
    object_table.SCHEMA,
    queue_table.SCHEMA,
    r2_table.SCHEMA,
    token_table.SCHEMA,
    zone_table.SCHEMA,
)


def assemble(folder: Path, database: sqlite3.Connection, runtime: Runtime, addresses: Addresses) -> Edge:
    """An edge on a folder. Nothing is started by this."""
    table, blobs = WorkerTable(database), Blobs(folder / "blobs")
    identity, tokens = FactTable(database).identity(), TokenTable(database)
    assets = AssetStore(AssetTable(database), blobs, Tokens(FactTable(database).asset_key()))
    queues, schedules = QueueTable(database), ScheduleTable(database)
    dispatch = Dispatch(table, runtime)
    processes = Processes(runtime, blobs, assets)
    runtime.answer_previews(PreviewFinder(table, processes).find)
    zones = ZoneTable(database)
    namespaces = NamespaceTable(database)
    objects, references = ObjectTable(database), References(table)
    buckets = BucketTable(database)
    d1 = d1_parts(folder, database, runtime.databases)
    referents = Referents(
        {
            "d1": d1.table.check_binding,
            "kv_namespace": namespaces.check_binding,
            "queue": queues.check_binding,
            "ratelimit": check_ratelimit,
            "r2_bucket": buckets.check_binding,
            "service": references.check_binding,
        }
    )
    return Edge(
        identity=identity,
        addresses=addresses,
        access=Access(tokens, Guard(identity, tokens, table.tag_of), RateLimit()),
        faults=Faults(ProcessFaults(runtime.processes), TrafficFaults(runtime.disturb_version)),
        workers=table,
        assets=assets,
        namespaces=namespaces,
        kv=KvStore(runtime.storage),
        buckets=buckets,
        r2=R2Store(runtime.storage),
        d1=d1,
        zones=zones,
        claims=Claims(zones, table),
        addressing=Addressing(zones, table, runtime),
        processes=processes,
        objects=objects,
        references=references,
        releases=Releases(table, referents, blobs, assets, processes, objects=ObjectPlans(objects)),
        queues=queues,
        broker=Broker(queues, MessageTable(database), dispatch.deliver),
        schedules=schedules,
        scheduler=Scheduler(schedules, dispatch.scheduled),
        runtime=runtime,
        measurements=measurements(folder, FactTable(database), table, runtime),
        tails=Tails(),
    )
