"""The products whose bindings and simulators the edge has. A new one is a line here."""

from __future__ import annotations

from localedge.kv.wiring import kv_simulator, wire_namespace
from localedge.r2.wiring import r2_simulator, s3_simulator, wire_bucket
from localedge.runtime.values import wire_json, wire_text, wire_version_metadata
from localedge.runtime.wiring import Products

PRODUCTS = Products(
    simulators=(kv_simulator, r2_simulator, s3_simulator),
    bindings={
        "json": wire_json,
        "kv_namespace": wire_namespace,
        "plain_text": wire_text,
        "r2_bucket": wire_bucket,
        "secret_text": wire_text,
        "version_metadata": wire_version_metadata,
    },
)
