"""KV in workerd: Miniflare's simulator with operations on many keys, and the binding that reaches it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime.files import private_folder
from localedge.runtime.wiring import Simulator, Wired, module, stored

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

KIND = "kv"
CLASS = "KVNamespaceObject"
JS = Path(__file__).parent / "js"


def kv_simulator(places: Places) -> Simulator:
    """One Durable Object a namespace; values are files beside its database."""
    simulators = places.tools.simulators
    worker: Value = {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat", "experimental"],
        "modules": [
            module(JS / "namespace.js"),
            module(JS / "values.js"),
            module(simulators / "kv" / "namespace.worker.js"),
        ],
        "durableObjectNamespaces": [{"className": CLASS, "uniqueKey": f"miniflare-{CLASS}"}],
        "durableObjectStorage": {"localDisk": "kv-data"},
        "bindings": [{"name": "MINIFLARE_BLOBS", "service": "kv-data"}],
    }
    disk: Value = {"path": str(private_folder(places.data / KIND)), "writable": True}
    return Simulator(
        kind=KIND,
        service="kv",
        class_name=CLASS,
        services=({"name": "kv", "worker": worker}, {"name": "kv-data", "disk": disk}),
        extensions={"miniflare:shared": simulators / "shared" / "index.worker.js"},
    )


def wire_namespace(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`kv_namespace`."""
    del spec
    namespace = str(binding["namespace_id"])
    service = f"kv:{namespace}"
    return Wired({"kvNamespace": service}, (stored(service, KIND, namespace, places.storage_socket),))
