"""The process of one version: the Worker, what stands beside it, and the services that its bindings need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.bindings import wired_bindings
from localedge.runtime.modules import write_modules
from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Products

MAIN, READER, TRACE, EVENTS = "main", "reader", "trace", "events"
JS = Path(__file__).parents[1] / "js"
VERSION_HEADER = "x-localedge-version"


def version_config(
    spec: VersionSpec, folder: Path, places: Places, products: Products, *, traced: bool
) -> str:
    """One version, its modules written to `folder`. workerd marks each answer that the Worker gives."""
    users, needed = users_worker(spec, folder, places, products)
    beside = worker(
        [module(JS / name) for name in ("beside.js", "reader.js", "events.js")],
        [{"name": "WORKER", "service": "worker"}],
        flags=["service_binding_extra_handlers"],
    )
    services: list[Value] = [*needed, {"name": "beside", "worker": beside}]
    version_header: Value = {"name": VERSION_HEADER, "value": spec.version_id}
    sockets: list[Value] = [
        {"name": name, "http": {"injectResponseHeaders": [version_header]}, "service": service}
        for name, service in ((MAIN, "worker"), (READER, "beside"))
    ]
    sockets.append({"name": EVENTS, "http": {}, "service": {"name": "beside", "entrypoint": "Events"}})
    if traced:
        users["tails"] = ["trace"]
        services.append({"name": "trace", "worker": worker([module(JS / "trace.js")], [])})
        sockets.append({"name": TRACE, "http": {}, "service": "trace"})
    return capnp.config({"services": [{"name": "worker", "worker": users}, *services], "sockets": sockets})


def users_worker(
    spec: VersionSpec, folder: Path, places: Places, products: Products
) -> tuple[dict[str, Value], list[Value]]:
    """The Worker as it was uploaded, its modules written to `folder`, and the services that it needs."""
    env, needed = wired_bindings(spec, places, products)
    users: dict[str, Value] = {
        "compatibilityDate": spec.compatibility_date,
        "compatibilityFlags": list(spec.compatibility_flags),
        **write_modules(spec, folder),
        "bindings": env,
        "cacheApiOutbound": "cache",
    }
    network: Value = {"allow": ["public", "private"], "tlsOptions": {"trustBrowserCas": True}}
    services: list[Value] = [
        {"name": "internet", "network": network},
        {"name": "cache", "external": {"address": f"unix:{places.cache_socket}", "http": {}}},
        *needed,
    ]
    return users, services


def debug_socket(slot: Path) -> Path:
    """Where other processes of the edge call a version on this slot."""
    return slot.with_suffix(".debug")


def reader_socket(slot: Path) -> Path:
    """Where a version on this slot takes requests that have a body."""
    return slot.with_suffix(".reader")
