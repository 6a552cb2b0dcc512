"""The process that has Durable Objects of one version: the same Worker, with classes and their storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.configs.version import JS, TRACE, WORKER, called_worker
from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Products


def host_config(spec: VersionSpec, folder: Path, data: Path, places: Places, products: Products) -> str:
    """Its objects are called through the process's debug port; it serves no requests of its own."""
    users, services, extensions = called_worker(spec, folder, places, products)
    users["durableObjectNamespaces"] = [
        {"className": one.name, "uniqueKey": one.namespace_id, "enableSql": one.sql} for one in spec.classes
    ]
    users["durableObjectStorage"] = {"localDisk": "objects"}
    users["tails"] = [TRACE]
    trace: Value = {"name": TRACE, "worker": worker([module(JS / "trace.js")], [])}
    disk: Value = {"name": "objects", "disk": {"path": str(data), "writable": True}}
    return capnp.config(
        {
            "services": [{"name": WORKER, "worker": users}, disk, trace, *services],
            "sockets": [{"name": TRACE, "http": {}, "service": TRACE}],
            "extensions": extensions,
        }
    )
