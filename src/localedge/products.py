"""The products whose bindings and simulators the edge has. A new one is a line here."""

from __future__ import annotations

from localedge.assets.wiring import wire_assets, wire_assets_binding
from localedge.d1.wiring import d1_simulator, wire_database
from localedge.kv.wiring import kv_simulator, wire_namespace
from localedge.objects.wiring import wire_objects
from localedge.queues.wiring import wire_queue
from localedge.r2.wiring import r2_simulator, s3_simulator, wire_bucket
from localedge.ratelimit.wiring import ratelimit_modules, ratelimit_simulator, wire_ratelimit
from localedge.runtime.values import wire_json, wire_text, wire_version_metadata
from localedge.runtime.wiring import Products
from localedge.services.wiring import wire_service

PRODUCTS = Products(
    simulators=(kv_simulator, r2_simulator, s3_simulator, ratelimit_simulator),
    databases=(d1_simulator,),
    binding_modules=(ratelimit_modules,),
    bindings={
        "assets": wire_assets_binding,
        "d1": wire_database,
        "durable_object_namespace": wire_objects,
        "json": wire_json,
        "kv_namespace": wire_namespace,
        "plain_text": wire_text,
        "queue": wire_queue,
        "r2_bucket": wire_bucket,
        "ratelimit": wire_ratelimit,
        "secret_text": wire_text,
        "service": wire_service,
        "version_metadata": wire_version_metadata,
    },
    assets=wire_assets,
)
