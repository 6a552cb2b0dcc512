"""workerd's configuration of each kind of process: storage, router, version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.bindings import bindings, namespace_services
from localedge.runtime.capnp import Embed
from localedge.runtime.files import private_folder
from localedge.runtime.modules import write_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec

OUR_COMPATIBILITY_DATE = "2026-01-01"
RUNTIME_JS = Path(__file__).parent / "js"
STORAGE_JS = Path(__file__).parent.parent / "storage" / "js"
MAIN, READER, ADMIN, TRACE, CACHE = "main", "reader", "admin", "trace", "cache"
VERSION_HEADER = "x-localedge-version"
NAMESPACE_CLASS = "KVNamespaceObject"

Splits = dict[str, list[tuple[str, int, float]]]
"""As the router takes them: script -> (version id, slot, percentage)."""


def storage_config(places: Places) -> str:
    """Miniflare's KV simulator behind the gateway, and a cache that is always empty, as on workers.dev."""
    kv_data = private_folder(places.data / "kv")
    simulators = places.tools.simulators
    simulator: Value = {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat", "experimental"],
        "modules": [
            _module(STORAGE_JS / "kv_namespace.js"),
            _module(simulators / "kv" / "namespace.worker.js"),
        ],
        "durableObjectNamespaces": [
            {"className": NAMESPACE_CLASS, "uniqueKey": f"miniflare-{NAMESPACE_CLASS}"}
        ],
        "durableObjectStorage": {"localDisk": "kv-data"},
        "bindings": [{"name": "MINIFLARE_BLOBS", "service": "kv-data"}],
    }
    namespaces: Value = {"className": NAMESPACE_CLASS, "serviceName": "kv"}
    gateway = _worker(
        [_module(STORAGE_JS / "gateway.js")], [{"name": "KV", "durableObjectNamespace": namespaces}]
    )
    cache = _worker([_module(simulators / "cache" / "cache-entry-noop.worker.js")], [])
    shared: Value = {"name": "miniflare:shared", "esModule": Embed(simulators / "shared" / "index.worker.js")}
    return capnp.config(
        {
            "services": [
                {"name": "kv", "worker": simulator},
                {"name": "kv-data", "disk": {"path": str(kv_data), "writable": True}},
                {"name": "gateway", "worker": gateway},
                {"name": "cache", "worker": cache},
            ],
            "sockets": [
                {"name": MAIN, "http": {}, "service": "gateway"},
                {"name": CACHE, "http": {}, "service": "cache"},
            ],
            "extensions": [{"modules": [shared]}],
        }
    )


def router_config(slots: Sequence[Path], splits: Splits, edges_ms: Sequence[float], generation: int) -> str:
    """The router, with a service for every slot, the splits it begins with, and the number of this start."""
    slot_bindings: list[Value] = []
    slot_services: list[Value] = []
    for slot, path in enumerate(slots):
        for name, address in (("slot", path), ("reader", reader_socket(path))):
            service = f"{name}-{slot}"
            slot_bindings.append({"name": f"{name.upper()}_{slot}", "service": service})
            slot_services.append({"name": service, "external": {"address": f"unix:{address}", "http": {}}})
    router = _worker(
        [_module(RUNTIME_JS / "router.js")],
        [
            *slot_bindings,
            {"name": "SPLITS", "json": json.dumps(splits)},
            {"name": "EDGES_MS", "json": json.dumps(edges_ms)},
            {"name": "GENERATION", "json": json.dumps(generation)},
        ],
    )
    return capnp.config(
        {
            "services": [{"name": "router", "worker": router}, *slot_services],
            "sockets": [
                {"name": MAIN, "http": {}, "service": "router"},
                {"name": ADMIN, "http": {}, "service": {"name": "router", "entrypoint": "Admin"}},
            ],
        }
    )


def version_config(spec: VersionSpec, folder: Path, places: Places, *, traced: bool) -> str:
    """One version, its modules written to `folder`. workerd marks each answer that the Worker gives."""
    worker: dict[str, Value] = {
        "compatibilityDate": spec.compatibility_date,
        "compatibilityFlags": list(spec.compatibility_flags),
        **write_modules(spec, folder),
        "bindings": bindings(spec),
        "cacheApiOutbound": "cache",
    }
    reader = _worker([_module(RUNTIME_JS / "reader.js")], [{"name": "WORKER", "service": "worker"}])
    network: Value = {"allow": ["public", "private"], "tlsOptions": {"trustBrowserCas": True}}
    services: list[Value] = [
        {"name": "internet", "network": network},
        {"name": "cache", "external": {"address": f"unix:{places.cache_socket}", "http": {}}},
        {"name": "reader", "worker": reader},
        *namespace_services(spec, places.storage_socket),
    ]
    version_header: Value = {"name": VERSION_HEADER, "value": spec.version_id}
    sockets: list[Value] = [
        {"name": name, "http": {"injectResponseHeaders": [version_header]}, "service": service}
        for name, service in ((MAIN, "worker"), (READER, "reader"))
    ]
    if traced:
        worker["tails"] = ["trace"]
        services.append({"name": "trace", "worker": _worker([_module(RUNTIME_JS / "trace.js")], [])})
        sockets.append({"name": TRACE, "http": {}, "service": "trace"})
    return capnp.config({"services": [{"name": "worker", "worker": worker}, *services], "sockets": sockets})


def reader_socket(slot: Path) -> Path:
    """Where a version on this slot takes requests that have a body."""
    return slot.with_suffix(".reader")


def _worker(modules: list[Value], worker_bindings: list[Value]) -> Mapping[str, Value]:
    return {"compatibilityDate": OUR_COMPATIBILITY_DATE, "modules": modules, "bindings": worker_bindings}


def _module(path: Path) -> Value:
    return {"name": path.name, "esModule": Embed(path)}
