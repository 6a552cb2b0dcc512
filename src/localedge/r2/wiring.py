"""R2 in workerd: Miniflare's simulator of buckets, its S3 endpoint, and the binding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localedge.r2.table import DEFAULT_JURISDICTION, stored_as
from localedge.runtime.capnp import Embed
from localedge.runtime.files import private_folder
from localedge.runtime.wiring import Simulator, Wired, module, stored

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

KIND, S3_KIND = "r2", "r2-s3"
CLASS, S3_CLASS = "R2BucketObject", "S3Endpoint"
JS = Path(__file__).parent / "js"


def r2_simulator(places: Places) -> Simulator:
    """One Durable Object a bucket; objects are files beside its database."""
    simulators = places.tools.simulators
    worker: Value = {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat", "experimental"],
        "modules": [module(JS / "bucket.js"), module(simulators / "r2" / "bucket.worker.js")],
        "durableObjectNamespaces": [{"className": CLASS, "uniqueKey": f"miniflare-{CLASS}"}],
        "durableObjectStorage": {"localDisk": "r2-data"},
        "bindings": [{"name": "MINIFLARE_BLOBS", "service": "r2-data"}],
    }
    disk: Value = {"path": str(private_folder(places.data / KIND)), "writable": True}
    shared = simulators / "shared"
    return Simulator(
        kind=KIND,
        service="r2",
        class_name=CLASS,
        services=({"name": "r2", "worker": worker}, {"name": "r2-data", "disk": disk}),
        extensions={
            "miniflare:shared": shared / "index.worker.js",
            "miniflare:zod": shared / "zod.worker.js",
        },
    )


def s3_simulator(places: Places) -> Simulator:
    """The S3-compatible endpoint and the public one: one Durable Object that reaches all buckets."""
    simulators = places.tools.simulators / "r2"
    buckets: Value = {"className": CLASS, "serviceName": "r2"}
    worker: Value = {
        "compatibilityDate": "2026-01-01",
        "compatibilityFlags": ["nodejs_compat"],
        "modules": [
            module(JS / "s3.js"),
            {"name": "s3.worker.js", "esModule": Embed(simulators / "s3" / "index.worker.js")},
            module(simulators / "public.worker.js"),
        ],
        "durableObjectNamespaces": [{"className": S3_CLASS, "uniqueKey": f"localedge-{S3_CLASS}"}],
        "durableObjectStorage": {"inMemory": None},
        "bindings": [
            {"name": "ALL", "r2Bucket": {"name": S3_KIND, "entrypoint": "AllBuckets"}},
            {"name": "BUCKETS", "durableObjectNamespace": buckets},
        ],
    }
    return Simulator(
        kind=S3_KIND,
        service=S3_KIND,
        class_name=S3_CLASS,
        services=({"name": S3_KIND, "worker": worker},),
        extensions={},
    )


def wire_bucket(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`r2_bucket`."""
    del spec
    jurisdiction = str(binding.get("jurisdiction") or DEFAULT_JURISDICTION)
    bucket = stored_as(str(binding["bucket_name"]), jurisdiction)
    service = f"r2:{bucket}"
    return Wired({"r2Bucket": service}, (stored(service, KIND, bucket, places.storage_socket),))
