"""What a product adds to workerd's configuration: a simulator to the storage process, bindings to versions.

Each product has a module `wiring` that says so; `localedge/products.py` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from localedge.runtime.capnp import Embed
from localedge.runtime.door import KIND_HEADER, NAME_HEADER

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import Assets, VersionSpec

OUR_COMPATIBILITY_DATE = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Simulator:
    """A Durable Object class of a storage process. Its objects are reached by `kind` and their name.

    `services` are workerd services, of which `service` has the class; `extensions` are names of modules that
    the simulator imports, with their files.
    """

    kind: str
    service: str
    class_name: str
    services: tuple[Value, ...]
    extensions: Mapping[str, Path]


ASSETS_FRONT = "assets-router"
"""The service that takes a version's requests before its Worker, where it has assets."""


@dataclass(frozen=True, slots=True)
class Wired:
    """A binding as workerd has it: its designator, e.g. `{"text": "..."}`, and the services it needs.

    Services of the same name are one service.
    """

    designator: Mapping[str, Value]
    services: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Front:
    """What takes a version's requests before its Worker: a service, with the others that it needs."""

    service: str
    services: tuple[Mapping[str, Value], ...]
    extensions: Mapping[str, Path]


Binding: TypeAlias = Mapping[str, Any]
"""As in the metadata of the upload, with the text of a secret."""

Wire: TypeAlias = Callable[[Binding, "VersionSpec", "Places"], Wired]
"""How a binding of one type is wired."""

BindingModules: TypeAlias = Callable[["Places"], Mapping[str, "Path"]]
"""Modules that bindings of a type are made of (`wrapped`): name -> file."""

MakeSimulator: TypeAlias = Callable[["Places"], Simulator]


class WireAssets(Protocol):
    """How static assets are served; `worker` is the service of the Worker behind them, if there is one."""

    def __call__(self, assets: Assets, folder: Path, places: Places, *, worker: str | None) -> Front: ...


@dataclass(frozen=True, slots=True)
class Products:
    """What is simulated, how each type of binding is wired, and how assets are served.

    `databases` are simulators in a process apart: their queries can keep it for as long as they run.
    """

    simulators: tuple[MakeSimulator, ...]
    databases: tuple[MakeSimulator, ...]
    bindings: Mapping[str, Wire]
    binding_modules: tuple[BindingModules, ...] = field(default=(), kw_only=True)
    assets: WireAssets


def worker(modules: list[Value], bindings: list[Value], *, flags: Sequence[str] = ()) -> Mapping[str, Value]:
    """A Worker of the edge's own."""
    return {
        "compatibilityDate": OUR_COMPATIBILITY_DATE,
        "compatibilityFlags": list(flags),
        "modules": modules,
        "bindings": bindings,
    }


def module(path: Path) -> Value:
    """A module of the edge's own."""
    return {"name": path.name, "esModule": Embed(path)}


def stored(service: str, kind: str, name: str, socket: Path) -> Mapping[str, Value]:
    """A service that reaches one object of a simulator through the socket of its process."""
    headers: Value = [{"name": KIND_HEADER, "value": kind}, {"name": NAME_HEADER, "value": name}]
    external: Value = {"address": f"unix:{socket}", "http": {"injectRequestHeaders": headers}}
    return {"name": service, "external": external}
