"""The process of one version: the Worker, what stands beside it, and the services that its bindings need."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.bindings import binding_extensions, wired_bindings
from localedge.runtime.configs import visitor
from localedge.runtime.modules import write_modules
from localedge.runtime.wiring import Front, module, worker

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Products

MAIN, READER, TRACE, EVENTS = "main", "reader", "trace", "events"
WORKER = "worker"
JS = Path(__file__).parents[1] / "js"
VERSION_HEADER = "x-localedge-version"


def version_config(
    spec: VersionSpec, folder: Path, places: Places, products: Products, *, traced: bool
) -> str:
    """One version, its modules written to `folder`. workerd marks each answer that the Worker gives."""
    users, needed = users_worker(spec, folder, places, products)
    front = _disturbed(_front(spec, folder, places, products), spec)
    beside = worker(
        [module(JS / name) for name in ("beside.js", "reader.js", "events.js")],
        [
            {"name": "FRONT", "service": front.service},
            {"name": "WORKER", "service": WORKER if users else front.service},
        ],
        flags=["service_binding_extra_handlers", *visitor.SIGNALS],
    )
    services: list[Value] = [*needed, {"name": "beside", "worker": beside}, *front.services]
    version_header: Value = {"name": VERSION_HEADER, "value": spec.version_id}
    sockets: list[Value] = [
        {
            "name": name,
            "http": {"injectResponseHeaders": [version_header], **visitor.told()},
            "service": service,
        }
        for name, service in ((MAIN, front.service), (READER, "beside"))
    ]
    sockets.append({"name": EVENTS, "http": {}, "service": {"name": "beside", "entrypoint": "Events"}})
    if traced:
        users |= {"tails": ["trace"]} if users else {}
        services.append({"name": "trace", "worker": worker([module(JS / "trace.js")], [])})
        sockets.append({"name": TRACE, "http": {}, "service": "trace"})
    if users:
        services.insert(0, {"name": WORKER, "worker": users})
    extensions = [*_extensions(front), *binding_extensions(places, products)]
    return capnp.config({"services": services, "sockets": sockets, "extensions": extensions})


def called_worker(
    spec: VersionSpec, folder: Path, places: Places, products: Products
) -> tuple[dict[str, Value], list[Value], list[Value]]:
    """The Worker with all services and extensions that it needs, where it takes no requests from outside."""
    users, needed = users_worker(spec, folder, places, products)
    front = _front(spec, folder, places, products)
    extensions = [*_extensions(front), *binding_extensions(places, products)]
    return users, [*needed, *front.services], extensions


def _front(spec: VersionSpec, folder: Path, places: Places, products: Products) -> Front:
    """What takes the requests: the Worker, or its assets before it."""
    if spec.assets is None:
        return Front(WORKER, (), {})
    return products.assets(spec.assets, folder, places, worker=WORKER if spec.main_module else None)


def _disturbed(front: Front, spec: VersionSpec) -> Front:
    """What takes the requests, behind a fault if one was asked for."""
    if spec.disturbance is None:
        return front
    bindings: list[Value] = [
        {"name": "FRONT", "service": front.service},
        {"name": "DISTURBANCE", "json": json.dumps(dict(spec.disturbance))},
    ]
    before: dict[str, Value] = {
        "name": "disturbance",
        "worker": worker([module(JS / "disturbance.js")], bindings),
    }
    return dataclasses.replace(front, service="disturbance", services=(*front.services, before))


def _extensions(front: Front) -> list[Value]:
    modules: list[Value] = [
        {"name": name, "esModule": capnp.Embed(path)} for name, path in front.extensions.items()
    ]
    return [{"modules": modules}] if modules else []


def users_worker(
    spec: VersionSpec, folder: Path, places: Places, products: Products
) -> tuple[dict[str, Value], list[Value]]:
    """The Worker as it was uploaded, its modules written to `folder`, and the services that it needs.

    Nothing but the services when there are assets alone.
    """
    network: Value = {"allow": ["public", "private"], "tlsOptions": {"trustBrowserCas": True}}
    services: list[Value] = [
        {"name": "internet", "network": network},
        {"name": "cache", "external": {"address": f"unix:{places.cache_socket}", "http": {}}},
    ]
    if not spec.main_module:
        return {}, services
    env, needed = wired_bindings(spec, places, products)
    users: dict[str, Value] = {
        "compatibilityDate": spec.compatibility_date,
        "compatibilityFlags": list(spec.compatibility_flags),
        **write_modules(spec, folder),
        "bindings": env,
        "cacheApiOutbound": "cache",
    }
    return users, [*services, *needed]


def debug_socket(slot: Path) -> Path:
    """Where other processes of the edge call a version on this slot."""
    return slot.with_suffix(".debug")


def reader_socket(slot: Path) -> Path:
    """Where a version on this slot takes requests that have a body."""
    return slot.with_suffix(".reader")
