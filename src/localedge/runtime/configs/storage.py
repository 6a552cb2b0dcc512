"""The storage process: all simulators behind one gateway, and a cache that is always empty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.capnp import Embed
from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.wiring import Products

MAIN, CACHE = "main", "cache"
JS = Path(__file__).parents[1] / "js"


def storage_config(places: Places, products: Products) -> str:
    """Its sockets are `main`, the gateway, and `cache`."""
    simulators = [make(places) for make in products.simulators]
    classes: list[Value] = [
        {
            "name": one.kind,
            "durableObjectNamespace": {"className": one.class_name, "serviceName": one.service},
        }
        for one in simulators
    ]
    cache = worker([module(places.tools.simulators / "cache" / "cache-entry-noop.worker.js")], [])
    extensions = {name: path for one in simulators for name, path in one.extensions.items()}
    services: list[Value] = [service for one in simulators for service in one.services]
    return capnp.config(
        {
            "services": [
                *services,
                {"name": "gateway", "worker": worker([module(JS / "gateway.js")], classes)},
                {"name": "cache", "worker": cache},
            ],
            "sockets": [
                {"name": MAIN, "http": {}, "service": "gateway"},
                {"name": CACHE, "http": {}, "service": "cache"},
            ],
            "extensions": [
                {"modules": [{"name": name, "esModule": Embed(path)} for name, path in extensions.items()]}
            ],
        }
    )
