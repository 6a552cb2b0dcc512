"""The Worker and the version that a request names; the platform's 404 when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.errors import script_missing, version_missing
from localedge.requests import script_name

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.state.model import Script, Version


def script_of(edge: Edge, request: Request) -> Script:
    """The Worker in the path."""
    name = script_name(request)
    script = edge.workers.script(name)
    if script is None:
        raise script_missing(name)
    return script


def version_of(edge: Edge, script: Script, version_id: str) -> Version:
    """One of its versions."""
    version = edge.workers.version(script.name, version_id)
    if version is None:
        raise version_missing(script.name, version_id)
    return version
