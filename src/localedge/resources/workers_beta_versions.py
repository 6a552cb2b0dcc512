"""Versions as `workers/workers` has them: JSON with the modules in base64, in place of a form."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_VALIDATION, Invalid
from localedge.multipart import Part
from localedge.requests import flag, page_of, read_json, source_of
from localedge.resources.lookup import version_of
from localedge.resources.workers_beta import WORKER, worker_of
from localedge.workers.upload_form import read_list, read_upload

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Version
    from localedge.workers.upload_form import Upload

VERSIONS = f"{WORKER}/versions"
BODY_BYTES_MAX = 64 * 1024 * 1024

COVERAGE = (
    Endpoint("GET", VERSIONS, "list (newest first, `page`, `per_page`)", (Client.PYTHON_SDK,)),
    Endpoint(
        "POST", VERSIONS, "upload as JSON; with `?deploy=true` it gets all traffic", (Client.PYTHON_SDK,)
    ),
    Endpoint(
        "GET", f"{VERSIONS}/{{version}}", "one version; `?include=modules` for its code", (Client.PYTHON_SDK,)
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    versions = WorkerVersions(edge)
    return [
        Route(VERSIONS, versions.list_all, methods=["GET"]),
        Route(VERSIONS, versions.create, methods=["POST"]),
        Route(f"{VERSIONS}/{{version}}", versions.get, methods=["GET"]),
    ]


class WorkerVersions:
    """The versions of a Worker that is named by id or by name."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        name, page = worker_of(self._edge, request).name, page_of(request, size=10, size_max=100)
        items = self._edge.workers.versions(name, limit=page.size, offset=(page.number - 1) * page.size)
        info = page.info(count=len(items), total=self._edge.workers.version_count(name))
        return ok([show_version(version) for version in items], info=info)

    async def create(self, request: Request) -> Response:
        name = worker_of(self._edge, request).name
        upload, source = _upload(await read_json(request, bytes_max=BODY_BYTES_MAX)), source_of(request)
        if flag(request, "deploy"):
            version, _ = await self._edge.releases.upload(name, upload, source=source, strict=False)
        else:
            version = await self._edge.releases.upload_version(name, upload, source=source, strict=False)
        return ok(show_version(version))

    async def get(self, request: Request) -> Response:
        script = worker_of(self._edge, request)
        version = version_of(self._edge, script, request.path_params["version"])
        shown = show_version(version)
        if request.query_params.get("include") == "modules":
            shown["modules"] = [
                {
                    "name": module.name,
                    "content_type": module.content_type,
                    "content_base64": base64.b64encode(
                        self._edge.releases.module_body(version, module)
                    ).decode(),
                }
                for module in version.modules
            ]
        return ok(shown)


def _upload(body: object) -> Upload:
    """The upload that a form with the same content would be."""
    if not isinstance(body, dict):
        raise Invalid(CODE_MALFORMED, "the body has to be a JSON object")
    modules = [_module(module) for module in read_list(body, "modules", dict)]
    metadata = {name: value for name, value in body.items() if name != "modules" and value is not None}
    return read_upload([Part(name="metadata", body=json.dumps(metadata).encode()), *modules])


def _module(module: dict[str, Any]) -> Part:
    name, kind, content = (module.get(key) for key in ("name", "content_type", "content_base64"))
    if not (isinstance(name, str) and name and isinstance(kind, str) and isinstance(content, str)):
        raise Invalid(CODE_VALIDATION, "a module needs a name, a content_type and a content_base64")
    try:
        code = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise Invalid(CODE_VALIDATION, f"content_base64 of the module {name!r} is not base64") from error
    return Part(name=name, filename=name, content_type=kind, body=code)


def show_version(version: Version) -> dict[str, Any]:
    """A version without its code."""
    return {
        "id": version.id,
        "number": version.number,
        "created_on": version.created_on,
        "urls": [],
        "source": version.source,
        "annotations": dict(version.annotations),
        "bindings": [dict(binding) for binding in version.bindings],
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": list(version.compatibility_flags),
        "main_module": version.main_module,
        "startup_time_ms": version.startup_time_ms,
        "usage_model": "standard",
    }
