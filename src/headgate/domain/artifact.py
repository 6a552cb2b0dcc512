"""The artifact: the built modules of a Worker, named by their digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the bundle, as it is uploaded."""

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The exact upload for one environment.

    `modules` are the artifact and are the same for every environment; `metadata` (bindings, compatibility
    date, main module) is the environment's configuration.
    """

    modules: tuple[Module, ...]
    metadata: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """`sha256:...` over the modules alone."""
        return digest(self.modules)


def digest(modules: Iterable[Module]) -> str:
    """Name a set of modules: `sha256:` over each one's name, type, length and body, ordered by name.

    The lengths keep two different sets from having the same bytes.
    """
    total = hashlib.sha256()
    for module in sorted(modules, key=lambda module: module.name):
        for part in (module.name.encode(), module.content_type.encode(), module.body):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return "sha256:" + total.hexdigest()
