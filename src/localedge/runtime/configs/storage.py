"""A storage process: simulators behind one gateway, and in one of them a cache that is always empty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.capnp import Embed
from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.wiring import MakeSimulator

MAIN, CACHE = "main", "cache"
JS = Path(__file__).parents[1] / "js"


def storage_config(places: Places, makers: Sequence[MakeSimulator], *, cache: bool) -> str:
    """Its sockets are `main`, the gateway, and with `cache` another of that name."""
    simulators = [make(places) for make in makers]
    classes: list[Value] = [
        {
            "name": one.kind,
            "durableObjectNamespace": {"className": one.class_name, "serviceName": one.service},
        }
        for one in simulators
    ]
    caches, sockets = _cache(places) if cache else ([], [])
    extensions = {name: path for one in simulators for name, path in one.extensions.items()}
    services: list[Value] = [service for one in simulators for service in one.services]
    return capnp.config(
        {
            "services": [
                *services,
                {"name": "gateway", "worker": worker([module(JS / "gateway.js")], classes)},
                *caches,
            ],
            "sockets": [{"name": MAIN, "http": {}, "service": "gateway"}, *sockets],
            "extensions": [
                {"modules": [{"name": name, "esModule": Embed(path)} for name, path in extensions.items()]}
            ],
        }
    )


def _cache(places: Places) -> tuple[list[Value], list[Value]]:
    """The service and its socket."""
    cache = worker([module(places.tools.simulators / "cache" / "cache-entry-noop.worker.js")], [])
    return [{"name": CACHE, "worker": cache}], [{"name": CACHE, "http": {}, "service": CACHE}]
