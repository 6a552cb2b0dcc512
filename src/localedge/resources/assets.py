"""Static assets: an upload session for a manifest, and the upload of the files that are missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.routing import Route

from localedge.assets.manifest import read_manifest
from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.multipart import parse_form
from localedge.requests import flag, read_json, script_name
from localedge.resources import ACCOUNT, SCRIPT

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

MANIFEST_BYTES_MAX = 32 * 1024 * 1024

COVERAGE = (
    Endpoint(
        "POST",
        f"{SCRIPT}/assets-upload-session",
        "announce the files of a site; which of them are missing",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint(
        "POST",
        f"{ACCOUNT}/workers/assets/upload",
        "upload missing files (`?base64=true`), with the token of the session",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    assets = Assets(edge)
    return [
        Route(f"{SCRIPT}/assets-upload-session", assets.open_session, methods=["POST"]),
        Route(f"{ACCOUNT}/workers/assets/upload", assets.upload, methods=["POST"]),
    ]


class Assets:
    """Uploads of static assets; the upload of a script or a version redeems them."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def open_session(self, request: Request) -> Response:
        """The Worker may be one that is yet to be made."""
        name = script_name(request)
        body = await read_json(request, bytes_max=MANIFEST_BYTES_MAX)
        if not isinstance(body, dict):
            raise Invalid(CODE_MALFORMED, "the body has to be a JSON object")
        session = self._edge.assets.open_session(name, read_manifest(body))
        return ok({"jwt": session.jwt, "buckets": session.buckets})

    async def upload(self, request: Request) -> Response:
        """201 with the completion token once all files are there, 202 before."""
        if not flag(request, "base64"):
            raise Invalid(CODE_MALFORMED, "files are taken in base64 only: add ?base64=true")
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        self._edge.assets.check(token)
        kind, body = request.headers.get("content-type", ""), await request.body()
        # A bucket may have 40 MB: other requests go on meanwhile.
        parts = await asyncio.to_thread(parse_form, kind, body)
        completion = await self._edge.assets.take(token, parts)
        if completion is None:
            return ok({}, status=202)
        return ok({"jwt": completion}, status=201)
