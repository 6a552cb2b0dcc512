"""How a version's process calls other processes: such a binding is a small Worker beside the version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime.wiring import module, worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places

JS = Path(__file__).parent / "js"
SHARED = ("choice.js", "reach.js")
REACH = "reach"


def outlet(code: Path, bindings: Sequence[Value]) -> dict[str, Value]:
    """A Worker that runs `code`, finds where things are now (`REACH`) and calls them there (`PORT`)."""
    modules = [module(code), *(module(JS / name) for name in SHARED)]
    own: list[Value] = [{"name": "REACH", "service": REACH}, {"name": "PORT", "workerdDebugPort": None}]
    return dict(worker(modules, [*own, *bindings]))


def reach_service(places: Places) -> Mapping[str, Value]:
    """The files that say where things are (`reach.py`)."""
    return {"name": REACH, "disk": {"path": str(places.reach)}}


def router_service(places: Places) -> Mapping[str, Value]:
    """The router's own entrance, for what it has to be told."""
    return {"name": "router", "external": {"address": f"unix:{places.admin_socket}", "http": {}}}
