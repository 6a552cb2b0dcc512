"""Bindings that are plain values: text, secrets, JSON, the version's own metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localedge.runtime.wiring import Wired

if TYPE_CHECKING:
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding


def wire_text(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`plain_text` and `secret_text`."""
    del spec, places
    return Wired({"text": str(binding["text"])})


def wire_json(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`json`: an object, a list, a number."""
    del spec, places
    return Wired({"json": json.dumps(binding["json"])})


def wire_version_metadata(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`version_metadata`: `{id, tag, timestamp}`."""
    del binding, places
    return Wired({"json": json.dumps({"id": spec.version_id, "tag": spec.tag, "timestamp": spec.created_on})})
