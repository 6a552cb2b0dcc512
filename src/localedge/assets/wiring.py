"""Assets in workerd: Cloudflare's router, asset worker and store, before a Worker and in its process."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from localedge.runtime.capnp import Embed
from localedge.runtime.errors import StartupFailed
from localedge.runtime.wiring import ASSETS_FRONT, Front, Wired, module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import AssetFile, Assets, VersionSpec
    from localedge.runtime.wiring import Binding

ROUTER, ASSETS, STORE, DISK = ASSETS_FRONT, "assets", "assets-store", "assets-disk"

HEADER_BYTES, HASH_BYTES, TAIL_BYTES = 20, 16, 8
"""The manifest: a header, then entries sorted by the hash of the path, each path hash, content hash, tail."""

DATE = "2024-07-31"
"""As Miniflare runs these workers."""


def wire_assets(assets: Assets, folder: Path, places: Places, *, worker: str | None) -> Front:
    """What takes a version's requests; `worker` is the service of its Worker, if it has one."""
    simulators = places.tools.simulators / "assets"
    # Without a Worker the router would ask the asset worker twice and always choose it: that takes its place.
    name = ROUTER if worker is None else ASSETS
    services: tuple[Mapping[str, Value], ...] = (
        {"name": name, "worker": _asset_worker(assets, folder, simulators)},
        {"name": STORE, "worker": _store(assets, folder, simulators)},
        {"name": DISK, "disk": {"path": str(assets.folder)}},
    )
    shared = {"miniflare:shared": places.tools.simulators / "shared" / "index.worker.js"}
    if worker is None:
        return Front(ROUTER, services, shared)
    router: Mapping[str, Value] = {"name": ROUTER, "worker": _router(assets, worker, simulators)}
    return Front(ROUTER, (router, *services), shared)


def _router(assets: Assets, worker: str, simulators: Path) -> Value:
    return {
        "compatibilityDate": DATE,
        "compatibilityFlags": ["nodejs_compat", "no_nodejs_compat_v2", "enable_ctx_exports"],
        "modules": [module(simulators / "router.worker.js")],
        "bindings": [
            {"name": "ASSET_WORKER", "service": ASSETS},
            {"name": "CONFIG", "json": json.dumps(assets.router_config)},
            {"name": "USER_WORKER", "service": worker},
        ],
    }


def _asset_worker(assets: Assets, folder: Path, simulators: Path) -> Value:
    manifest = folder / "assets-manifest"
    manifest.write_bytes(packed(assets.files))
    return {
        "compatibilityDate": DATE,
        "compatibilityFlags": ["nodejs_compat", "enable_ctx_exports"],
        "modules": [module(simulators / "assets.worker.js")],
        "bindings": [
            {"name": "ASSETS_KV_NAMESPACE", "kvNamespace": STORE},
            {"name": "ASSETS_MANIFEST", "data": Embed(manifest)},
            {"name": "CONFIG", "json": json.dumps(assets.asset_config)},
        ],
    }


def _store(assets: Assets, folder: Path, simulators: Path) -> Value:
    contents = folder / "assets-contents.json"
    contents.write_text(json.dumps(_contents(assets.files)))
    return {
        "compatibilityDate": "2023-07-24",
        "compatibilityFlags": ["nodejs_compat"],
        "modules": [module(simulators / "assets-kv.worker.js")],
        "bindings": [
            {"name": "MINIFLARE_BLOBS", "service": DISK},
            {"name": "ASSETS_REVERSE_MAP", "json": Embed(contents)},
        ],
    }


def wire_assets_binding(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`assets`: `env.ASSETS.fetch(request)`."""
    del places
    if spec.assets is None:
        message = f"The binding {binding['name']} of type assets needs assets, which this version has not."
        raise StartupFailed(message)
    return Wired({"service": ASSETS})


def packed(files: Sequence[AssetFile]) -> bytes:
    """The manifest in the asset worker's format."""
    entries = sorted(
        (hashlib.sha256(file.path.encode()).digest()[:HASH_BYTES], bytes.fromhex(file.hash)) for file in files
    )
    return b"".join([bytes(HEADER_BYTES), *(path + content + bytes(TAIL_BYTES) for path, content in entries)])


def _contents(files: Sequence[AssetFile]) -> dict[str, dict[str, str | None]]:
    """Where the store finds a content, by its hash."""
    return {file.hash: {"filePath": file.digest, "contentType": file.content_type} for file in files}
