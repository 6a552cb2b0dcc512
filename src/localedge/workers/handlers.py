"""What a version's code exports: its handlers, its entrypoints, its classes of Durable Objects.

It is found out when the version is uploaded, and kept with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localedge.runtime import ObjectClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.runtime import Exports
    from localedge.state.model import Version

EXPORTS, OBJECTS = "exports", "objects"
"""Their names among what is kept with a version; no client is told them."""

UNKNOWN = ("fetch",)
"""What a version is taken to handle when its code could not be asked."""


def classes_of(version: Version) -> tuple[ObjectClass, ...]:
    """The classes of Durable Objects that the Worker had when this version was uploaded."""
    return tuple(ObjectClass(**one) for one in version.extra.get(OBJECTS, ()))


def told(extra: Mapping[str, Any]) -> dict[str, Any]:
    """What clients may know of what is kept with a version."""
    return {name: value for name, value in extra.items() if name not in (EXPORTS, OBJECTS)}


def kept(exports: Exports | None) -> dict[str, Any]:
    """As it is kept with a version; nothing if it is not known."""
    if exports is None:
        return {}
    shown = {name: {"kind": one.kind, "handlers": list(one.handlers)} for name, one in exports.items()}
    return {EXPORTS: shown}


def handlers_of(version: Version) -> list[str]:
    """The handlers of the default export, e.g. `["fetch", "scheduled", "queue"]`."""
    exports = exports_of(version)
    if exports is None:
        return list(UNKNOWN)
    return list(exports.get("default", {}).get("handlers", ()))


def named_handlers_of(version: Version) -> list[dict[str, Any]]:
    """The other exports as the API tells them: `name` and `handlers`, which is `["class"]` for a class."""
    others = {name: one for name, one in (exports_of(version) or {}).items() if name != "default"}
    return [
        {"name": name, "handlers": ["class"] if one["kind"] != "object" else one["handlers"]}
        for name, one in others.items()
    ]


def exports_of(version: Version) -> Mapping[str, Any] | None:
    """By name, with `kind` and `handlers` (see `runtime/probe.py`); None if it is not known."""
    exports: Mapping[str, Any] | None = version.extra.get(EXPORTS)
    return exports
