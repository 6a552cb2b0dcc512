"""All parts of a running edge, put together in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localedge.access.access import Access
    from localedge.analytics.parts import Measurements
    from localedge.assets.store import AssetStore
    from localedge.cron.scheduler import Scheduler
    from localedge.cron.table import ScheduleTable
    from localedge.d1.parts import D1
    from localedge.faults.faults import Faults
    from localedge.kv.store import KvStore
    from localedge.kv.table import NamespaceTable
    from localedge.objects.table import ObjectTable
    from localedge.queues.broker import Broker
    from localedge.queues.table import QueueTable
    from localedge.r2.store import R2Store
    from localedge.r2.table import BucketTable
    from localedge.runtime import Runtime
    from localedge.state.model import Identity
    from localedge.state.workers import WorkerTable
    from localedge.tails import Tails
    from localedge.workers.processes import Processes
    from localedge.workers.references import References
    from localedge.workers.releases import Releases
    from localedge.zones.addressing import Addressing
    from localedge.zones.claims import Claims
    from localedge.zones.table import ZoneTable


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the edge listens: the API's origin and the traffic's, e.g. `http://127.0.0.1:8787`."""

    api_origin: str
    traffic_url: str

    @property
    def api_url(self) -> str:
        return f"{self.api_origin}/client/v4"

    def worker_url(self, script: str) -> str:
        """Where a Worker answers: its name is the first label of the host."""
        port = self.traffic_url.rpartition(":")[2].strip("/")
        return f"http://{script}.localhost:{port}"

    def preview_suffix(self, script: str) -> str:
        """What follows a version's first 8 digits, or its alias, in the host of its preview address."""
        return self.worker_url(script).replace("http://", "-")


@dataclass(frozen=True, slots=True)
class Edge:
    """What the resources work with."""

    identity: Identity
    addresses: Addresses
    access: Access
    faults: Faults
    workers: WorkerTable
    assets: AssetStore
    namespaces: NamespaceTable
    kv: KvStore
    buckets: BucketTable
    r2: R2Store
    d1: D1
    zones: ZoneTable
    claims: Claims
    addressing: Addressing
    objects: ObjectTable
    references: References
    processes: Processes
    releases: Releases
    queues: QueueTable
    broker: Broker
    schedules: ScheduleTable
    scheduler: Scheduler
    runtime: Runtime
    measurements: Measurements
    tails: Tails
