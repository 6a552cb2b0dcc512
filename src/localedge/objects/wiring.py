"""Durable Objects in workerd: a binding is a class of stand-ins, which hand every call on to the objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime.outlets import outlet, outlet_services
from localedge.runtime.wiring import Wired

if TYPE_CHECKING:
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

CLASS = "Objects"
JS = Path(__file__).parent / "js"


def wire_objects(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`durable_object_namespace`, of this Worker or of the one that `script_name` names."""
    namespace = str(binding["namespace_id"])
    owner = str(binding.get("script_name") or spec.script)
    service = f"objects:{namespace}"
    stand_ins = outlet(
        JS / "proxy.js", [{"name": "OWNER", "text": owner}, {"name": "NAMESPACE", "text": namespace}]
    )
    # The same key gives the same ids in every process. The stand-ins themselves store nothing.
    stand_ins["durableObjectNamespaces"] = [{"className": CLASS, "uniqueKey": namespace}]
    stand_ins["durableObjectStorage"] = {"inMemory": None}
    return Wired(
        {"durableObjectNamespace": {"className": CLASS, "serviceName": service}},
        ({"name": service, "worker": stand_ins}, *outlet_services(places)),
    )
