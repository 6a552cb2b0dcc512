"""The router's process: a service for every slot, and the table it begins with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.configs import visitor
from localedge.runtime.configs.version import reader_socket
from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localedge.runtime.addresses import AddressTable
    from localedge.runtime.capnp import Value

MAIN, ADMIN = "main", "admin"
JS = Path(__file__).parents[1] / "js"
MODULES = ("router.js", "addresses.js", "choice.js", "counters.js", "process.js", "sockets.js")
"""The first is the one that runs."""

V8_FLAGS = ("--min-semi-space-size=16",)
"""In MiB: room for what requests leave behind, so that it is collected less often."""

Rows = list[tuple[str, int, float]]
"""The split of one script as the router takes it: (version id, slot, percentage)."""
Splits = dict[str, Rows]
"""By script. Without versions, a script is not served."""


def router_config(
    slots: Sequence[Path],
    waker: Path,
    *,
    splits: Splits,
    addresses: AddressTable,
    edges_ms: Sequence[float],
    generation: int,
) -> str:
    """The router, with the splits and addresses it begins with and the number of this start."""
    slot_bindings: list[Value] = []
    slot_services: list[Value] = []
    for slot, path in enumerate(slots):
        for name, address in (("slot", path), ("reader", reader_socket(path))):
            service = f"{name}-{slot}"
            slot_bindings.append({"name": f"{name.upper()}_{slot}", "service": service})
            external: Value = {"address": f"unix:{address}", "http": visitor.telling()}
            slot_services.append({"name": service, "external": external})
    router = worker(
        [module(JS / name) for name in MODULES],
        [
            *slot_bindings,
            {"name": "WAKER", "service": "waker"},
            {"name": "SPLITS", "json": json.dumps(splits)},
            {"name": "ADDRESSES", "json": json.dumps(addresses.wire())},
            {"name": "EDGES_MS", "json": json.dumps(edges_ms)},
            {"name": "GENERATION", "json": json.dumps(generation)},
        ],
        flags=visitor.SIGNALS,
    )
    return capnp.config(
        {
            "services": [
                {"name": "router", "worker": router},
                {"name": "waker", "external": {"address": f"unix:{waker}", "http": {}}},
                *slot_services,
            ],
            "sockets": [
                {"name": MAIN, "http": {}, "service": "router"},
                {"name": ADMIN, "http": {}, "service": {"name": "router", "entrypoint": "Admin"}},
            ],
            "v8Flags": V8_FLAGS,
        }
    )
