"""A version's bindings, from the upload's metadata to workerd's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.runtime.capnp import Embed
from localedge.runtime.errors import UnsupportedBinding

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding, Products, Wire


def wired_bindings(spec: VersionSpec, places: Places, products: Products) -> tuple[list[Value], list[Value]]:
    """The `env` of the Worker, and the services that it needs; `UnsupportedBinding` for a type not there."""
    env: list[Value] = []
    services: dict[str, Value] = {}
    for binding in spec.bindings:
        wired = _wire_of(binding, products)(binding, spec, places)
        env.append({"name": str(binding["name"]), **wired.designator})
        services |= {str(service["name"]): service for service in wired.services}
    return env, list(services.values())


def binding_extensions(places: Places, products: Products) -> list[Value]:
    """The modules that wrapped bindings are made of, where no Worker can import them."""
    modules: list[Value] = [
        {"name": name, "esModule": Embed(path), "internal": True}
        for made in products.binding_modules
        for name, path in made(places).items()
    ]
    return [{"modules": modules}] if modules else []


def _wire_of(binding: Binding, products: Products) -> Wire:
    wire = products.bindings.get(str(binding["type"]))
    if wire is None:
        raise UnsupportedBinding(str(binding["type"]), str(binding["name"]))
    return wire
