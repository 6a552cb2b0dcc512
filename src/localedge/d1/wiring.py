"""D1 in workerd: Miniflare's simulator with what the edge adds to it, and the binding that reaches it."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import watchdog
from localedge.runtime.files import private_folder
from localedge.runtime.wiring import Simulator, Wired, module, stored, worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

KIND = "d1"
CLASS = "D1DatabaseObject"
UNIQUE_KEY = f"miniflare-{CLASS}"
JS = Path(__file__).parent / "js"


def d1_simulator(places: Places) -> Simulator:
    """One Durable Object a database; its SQLite file is the database."""
    simulators = places.tools.simulators
    simulator: Value = {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat", "experimental"],
        "modules": [
            module(JS / "database.js"),
            module(JS / "dump.js"),
            module(simulators / "d1" / "database.worker.js"),
        ],
        "durableObjectNamespaces": [{"className": CLASS, "uniqueKey": UNIQUE_KEY}],
        "durableObjectStorage": {"localDisk": "d1-data"},
        "bindings": [{"name": "MINIFLARE_BLOBS", "service": "d1-data"}],
    }
    disk: Value = {"path": str(private_folder(places.data / KIND)), "writable": True}
    return Simulator(
        kind=KIND,
        service="d1",
        class_name=CLASS,
        services=({"name": "d1", "worker": simulator}, {"name": "d1-data", "disk": disk}),
        extensions={
            "miniflare:shared": simulators / "shared" / "index.worker.js",
            "miniflare:zod": simulators / "shared" / "zod.worker.js",
        },
    )


def wire_database(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`d1`."""
    del spec
    database = str(binding["id"])
    store, entry = f"d1:{database}", f"d1-entry:{database}"
    limit_ms = str(int(watchdog.ANSWER_SECONDS * 1000))
    bindings: list[Value] = [{"name": "DATABASE", "service": store}, {"name": "LIMIT_MS", "json": limit_ms}]
    guard = worker([module(JS / "entry.js")], bindings)
    inner: Value = [{"name": "fetcher", "service": entry}]
    designator: Value = {"moduleName": "cloudflare-internal:d1-api", "innerBindings": inner}
    guarded: Mapping[str, Value] = {"name": entry, "worker": guard}
    return Wired({"wrapped": designator}, (stored(store, KIND, database, places.databases_socket), guarded))


def database_file(folder: Path, database: str) -> Path:
    """The SQLite file of a database, under the folder that workerd keeps D1's objects in.

    workerd names it after the object's id, which it derives from the class and the name.
    """
    key = hashlib.sha256(UNIQUE_KEY.encode()).digest()
    name = hmac.digest(key, database.encode(), "sha256")[:16]
    return folder / UNIQUE_KEY / f"{(name + hmac.digest(key, name, 'sha256')[:16]).hex()}.sqlite"
