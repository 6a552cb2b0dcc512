"""Rate limits in workerd: Miniflare's counters in the storage process, and the binding that asks them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localedge.errors import CODE_VALIDATION, Invalid
from localedge.runtime.files import private_folder
from localedge.runtime.wiring import Simulator, Wired, module, stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

KIND = "ratelimit"
CLASS = "RateLimiterObject"
BINDING_MODULE = "localedge-internal:ratelimit"
PERIODS_SECONDS = (10, 60)


def ratelimit_simulator(places: Places) -> Simulator:
    """One Durable Object a namespace."""
    simulators = places.tools.simulators
    worker: Value = {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat", "experimental"],
        "modules": [module(simulators / "ratelimit" / "ratelimit-object.worker.js")],
        "durableObjectNamespaces": [
            {"className": CLASS, "uniqueKey": f"miniflare-{CLASS}", "enableSql": True}
        ],
        "durableObjectStorage": {"localDisk": "ratelimit-data"},
    }
    disk: Value = {"path": str(private_folder(places.data / KIND)), "writable": True}
    return Simulator(
        kind=KIND,
        service=KIND,
        class_name=CLASS,
        services=({"name": KIND, "worker": worker}, {"name": "ratelimit-data", "disk": disk}),
        extensions={"miniflare:shared": simulators / "shared" / "index.worker.js"},
    )


def wire_ratelimit(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`ratelimit`: `env.NAME.limit({key})`."""
    del spec
    namespace, simple = str(binding["namespace_id"]), binding["simple"]
    service = f"ratelimit:{namespace}"
    inner: list[Value] = [
        {"name": "fetcher", "service": service},
        {"name": "limit", "json": json.dumps(simple["limit"])},
        {"name": "period", "json": json.dumps(simple["period"])},
    ]
    wrapped: Value = {"moduleName": BINDING_MODULE, "innerBindings": inner}
    return Wired({"wrapped": wrapped}, (stored(service, KIND, namespace, places.storage_socket),))


def ratelimit_modules(places: Places) -> Mapping[str, Path]:
    """What the binding is made of."""
    return {BINDING_MODULE: places.tools.simulators / "ratelimit" / "ratelimit.worker.js"}


def check_ratelimit(binding: Binding) -> None:
    """`Invalid` when the limit makes no sense."""
    simple = binding.get("simple")
    namespace = binding.get("namespace_id")
    if not isinstance(namespace, str) or not namespace or not isinstance(simple, dict):
        raise Invalid(CODE_VALIDATION, f"binding {binding['name']!r} needs a namespace_id and simple limits")
    limit, period = simple.get("limit"), simple.get("period")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise Invalid(CODE_VALIDATION, f"binding {binding['name']!r}: limit has to be a whole number from 1")
    if period not in PERIODS_SECONDS:
        raise Invalid(CODE_VALIDATION, f"binding {binding['name']!r}: period has to be 10 or 60 seconds")
