"""A version's bindings, from the upload's metadata to workerd's configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localedge.runtime.errors import UnsupportedBinding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.spec import VersionSpec

NAMESPACE_HEADER = "MF-Namespace"


def bindings(spec: VersionSpec) -> list[Value]:
    """The `env` of the Worker. `UnsupportedBinding` for a type that the local edge does not have."""
    return [{"name": str(binding["name"]), **_designator(spec, binding)} for binding in spec.bindings]


def namespace_services(spec: VersionSpec, storage: Path) -> list[Value]:
    """For every KV namespace that is bound, a service that reaches it through the storage process."""
    names = sorted({_namespace(binding) for binding in spec.bindings if binding["type"] == "kv_namespace"})
    return [_namespace_service(name, storage) for name in names]


def _designator(spec: VersionSpec, binding: Mapping[str, Any]) -> dict[str, Value]:
    match binding["type"]:
        case "kv_namespace":
            return {"kvNamespace": f"kv:{_namespace(binding)}"}
        case "plain_text" | "secret_text":
            return {"text": str(binding["text"])}
        case "json":
            return {"json": json.dumps(binding["json"])}
        case "version_metadata":
            return {
                "json": json.dumps({"id": spec.version_id, "tag": spec.tag, "timestamp": spec.created_on})
            }
        case other:
            raise UnsupportedBinding(str(other), str(binding["name"]))


def _namespace(binding: Mapping[str, Any]) -> str:
    return str(binding["namespace_id"])


def _namespace_service(namespace: str, storage: Path) -> dict[str, Value]:
    header: Value = {"name": NAMESPACE_HEADER, "value": namespace}
    return {
        "name": f"kv:{namespace}",
        "external": {"address": f"unix:{storage}", "http": {"injectRequestHeaders": [header]}},
    }
