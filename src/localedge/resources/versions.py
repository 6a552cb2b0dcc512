"""Versions: upload, list, get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Endpoint
from localedge.envelope import ok
from localedge.multipart import parse_form
from localedge.requests import flag, page_of, script_name, source_of
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of, version_of
from localedge.workers.handlers import handlers_of, named_handlers_of
from localedge.workers.rules import DEPLOYABLE_MAX, has_preview
from localedge.workers.upload_form import ALIAS, Upload, read_upload

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Version

COVERAGE = (
    Endpoint("GET", f"{SCRIPT}/versions", "list (newest first, `page`, `per_page`, `deployable`)", ALL),
    Endpoint("POST", f"{SCRIPT}/versions", "upload", ALL),
    Endpoint("GET", f"{SCRIPT}/versions/{{version}}", "one version", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    versions = Versions(edge)
    return [
        Route(f"{SCRIPT}/versions", versions.list_all, methods=["GET"]),
        Route(f"{SCRIPT}/versions", versions.upload, methods=["POST"]),
        Route(f"{SCRIPT}/versions/{{version}}", versions.get, methods=["GET"]),
    ]


class Versions:
    """What was uploaded."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def upload(self, request: Request) -> Response:
        version = await self._edge.releases.upload_version(
            script_name(request), await upload_of(request), source=source_of(request), strict=strict(request)
        )
        if ALIAS in version.annotations:
            await self._edge.runtime.forget_previews(version.script)
        return ok(
            show_version(version, self._edge.identity.email) | {"startup_time_ms": version.startup_time_ms}
        )

    async def list_all(self, request: Request) -> Response:
        name = script_of(self._edge, request).name
        email = self._edge.identity.email
        if flag(request, "deployable"):
            items = self._edge.workers.versions(name, limit=DEPLOYABLE_MAX)
            return ok({"items": [show_version(version, email) for version in items]})
        page = page_of(request, size=10, size_max=100)
        items = self._edge.workers.versions(name, limit=page.size, offset=(page.number - 1) * page.size)
        info = page.info(count=len(items), total=self._edge.workers.version_count(name))
        return ok({"items": [show_version(version, email) for version in items]}, info=info)

    async def get(self, request: Request) -> Response:
        version = version_of(self._edge, script_of(self._edge, request), request.path_params["version"])
        return ok(show_version(version, self._edge.identity.email))


async def upload_of(request: Request) -> Upload:
    """The upload in a request's form."""
    return read_upload(parse_form(request.headers.get("content-type", ""), await request.body()))


def strict(request: Request) -> bool:
    """Whether a binding that can't be inherited fails the upload."""
    return request.query_params.get("bindings_inherit") == "strict"


def show_version(version: Version, email: str) -> dict[str, Any]:
    """A version as `/workers/scripts/{name}/versions` tells it."""
    return {
        "id": version.id,
        "number": version.number,
        "metadata": {
            "created_on": version.created_on,
            "modified_on": version.created_on,
            "author_email": email,
            "author_id": "",
            "source": version.source,
            "hasPreview": has_preview(version),
            "has_preview": has_preview(version),
        },
        "annotations": dict(version.annotations),
        "resources": {
            "script": {
                "etag": version.etag,
                "handlers": handlers_of(version),
                "named_handlers": named_handlers_of(version),
                "last_deployed_from": version.source,
            },
            "script_runtime": {
                "compatibility_date": version.compatibility_date,
                "compatibility_flags": list(version.compatibility_flags),
                "usage_model": "standard",
                **{name: version.extra[name] for name in ("limits",) if name in version.extra},
            },
            "bindings": [dict(binding) for binding in version.bindings],
        },
        "startup_time_ms": version.startup_time_ms,
    }
