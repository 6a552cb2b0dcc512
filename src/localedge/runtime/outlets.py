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
SHARED = ("choice.js", "process.js", "reach.js")
REACH, WAKER = "reach", "waker"


def outlet(code: Path, bindings: Sequence[Value]) -> dict[str, Value]:
    """A Worker that runs `code`, finds where things are now (`REACH`) and calls them there (`PORT`).

    Of a call that breaks off it asks the control plane (`WAKER`) whether the process called has ended.
    """
    modules = [module(code), *(module(JS / name) for name in SHARED)]
    own: list[Value] = [
        {"name": "REACH", "service": REACH},
        {"name": "WAKER", "service": WAKER},
        {"name": "PORT", "workerdDebugPort": None},
    ]
    return dict(worker(modules, [*own, *bindings]))


def outlet_services(places: Places) -> tuple[Mapping[str, Value], ...]:
    """What every outlet needs: the files that say where things are (`reach.py`), and the control plane."""
    external: Value = {"address": f"unix:{places.waker_socket}", "http": {}}
    return {"name": REACH, "disk": {"path": str(places.reach)}}, {"name": WAKER, "external": external}


def router_service(places: Places) -> Mapping[str, Value]:
    """The router's own entrance, for what it has to be told."""
    return {"name": "router", "external": {"address": f"unix:{places.admin_socket}", "http": {}}}
