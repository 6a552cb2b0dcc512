"""The products whose bindings and simulators the edge has. A new one is a line here."""

from __future__ import annotations

from localedge.kv.wiring import kv_simulator, wire_namespace
from localedge.objects.wiring import wire_objects
from localedge.runtime.values import wire_json, wire_text, wire_version_metadata
from localedge.runtime.wiring import Products
from localedge.services.wiring import wire_service

PRODUCTS = Products(
    simulators=(kv_simulator,),
    bindings={
        "durable_object_namespace": wire_objects,
        "json": wire_json,
        "kv_namespace": wire_namespace,
        "plain_text": wire_text,
        "secret_text": wire_text,
        "service": wire_service,
        "version_metadata": wire_version_metadata,
    },
)
