"""A version's modules, from content types to workerd's kinds of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime.capnp import Embed
from localedge.runtime.errors import StartupFailed

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.spec import Module, VersionSpec

KINDS = {
    "application/javascript+module": "esModule",
    "application/javascript": "commonJsModule",
    "text/javascript": "commonJsModule",
    "text/plain": "text",
    "application/wasm": "wasm",
    "application/octet-stream": "data",
    "application/json": "json",
}
NOT_LOADED = frozenset({"application/source-map"})
SERVICE_WORKER = frozenset({"application/javascript", "text/javascript"})


def write_modules(spec: VersionSpec, folder: Path) -> dict[str, Value]:
    """Write the modules to the folder; the fields of workerd's `Worker` that load them, main module first."""
    main = _main(spec)
    others = [module for module in spec.modules if module is not main and _type(module) not in NOT_LOADED]
    if _type(main) in SERVICE_WORKER:
        return {"serviceWorkerScript": _written(main, folder / "main")}
    return {
        "modules": [_module(module, folder / f"m{place}") for place, module in enumerate((main, *others))]
    }


def _main(spec: VersionSpec) -> Module:
    for module in spec.modules:
        if module.name == spec.main_module:
            return module
    names = ", ".join(sorted(module.name for module in spec.modules)) or "none"
    message = (
        f'No such module "{spec.main_module}", which the upload names as its main module. It has: {names}.'
    )
    raise StartupFailed(message)


def _module(module: Module, path: Path) -> dict[str, Value]:
    kind = KINDS.get(_type(module))
    if kind is None:
        message = (
            f'Module "{module.name}" has the type {module.content_type}, which the local edge cannot load.'
        )
        raise StartupFailed(message)
    return {"name": module.name, kind: _written(module, path)}


def _written(module: Module, path: Path) -> Embed:
    path.write_bytes(module.body)
    return Embed(path)


def _type(module: Module) -> str:
    return module.content_type.partition(";")[0].strip().lower()
