"""What a version is made of, as the control plane hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Module:
    """One file of a Worker, with the content type it was uploaded with."""

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One static asset: its path, the hash that is its ETag, and the name of the file that holds it."""

    path: str
    hash: str
    digest: str
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Assets:
    """A version's static assets, their contents in `folder`, with the configuration of what serves them."""

    files: tuple[AssetFile, ...]
    folder: Path
    asset_config: Mapping[str, Any]
    router_config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """A class of Durable Objects. Their data belongs to the namespace, whatever the class is called."""

    name: str
    namespace_id: str
    sql: bool


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """One version of a Worker: its code, its bindings as in the upload's metadata, secrets filled in.

    A version of static assets alone has no main module.
    """

    script: str
    version_id: str
    main_module: str
    modules: tuple[Module, ...]
    compatibility_date: str
    compatibility_flags: tuple[str, ...]
    bindings: tuple[Mapping[str, Any], ...]
    tag: str
    created_on: str
    assets: Assets | None = None
    classes: tuple[ObjectClass, ...] = ()
    disturbance: Mapping[str, Any] | None = None
    """A fault that was asked for: `delay_ms`, `status`, `exception`, `probability`; see js/disturbance.js."""
