"""A service binding in workerd: an entrypoint that hands every call on to a version of the other Worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime.outlets import outlet, outlet_services, router_service
from localedge.runtime.wiring import Wired

if TYPE_CHECKING:
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

JS = Path(__file__).parent / "js"


def wire_service(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`service`: the default entrypoint of a Worker, or the one that `entrypoint` names, with `props`."""
    del spec
    name = f"service:{binding['name']}"
    calls = outlet(
        JS / "binding.js",
        [
            {"name": "SERVICE", "text": str(binding["service"])},
            {"name": "ENTRYPOINT", "json": json.dumps(binding.get("entrypoint"))},
            {"name": "PROPS", "json": json.dumps(binding.get("props"))},
            {"name": "ROUTER", "service": "router"},
        ],
    )
    return Wired(
        {"service": name},
        ({"name": name, "worker": calls}, *outlet_services(places), router_service(places)),
    )
