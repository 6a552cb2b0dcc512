"""The S3-compatible endpoint of R2, and public buckets: handed on to the simulator, which checks them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

import httpx2
from starlette.responses import Response
from starlette.routing import Route

from localedge.access.s3_keys import S3Denied, S3Keys
from localedge.coverage import Client, Endpoint
from localedge.r2.s3 import ask_public, ask_s3
from localedge.resources.r2_relay import Relayed
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.r2.table import Bucket

S3 = "/cdn-cgi/local/r2/s3"
PUBLIC = "/cdn-cgi/local/r2/public"
OBJECT_BYTES_MAX = 5 * 1024 * 1024 * 1024
SIGNED_BYTES_MAX = 300 * 1024 * 1024
"""A body whose hash is signed is held in memory by the simulator until it has been checked."""

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect"})
BODIES = ("PUT", "POST")

BUCKET = f"{S3}/{{rest:path}}"
OBJECT = f"{PUBLIC}/{{bucket}}/{{key:path}}"

COVERAGE = (
    Endpoint("GET", S3, "S3: the list of buckets"),
    Endpoint("GET", BUCKET, "S3: objects, lists; `rest` is `BUCKET/KEY`", (Client.OBSTORE,)),
    Endpoint("PUT", BUCKET, "S3: write, copy, a part of an upload", (Client.OBSTORE,)),
    Endpoint("POST", BUCKET, "S3: begin and complete an upload, delete up to 1,000", (Client.OBSTORE,)),
    Endpoint("DELETE", BUCKET, "S3: delete an object, abort an upload"),
    Endpoint("OPTIONS", BUCKET, "S3: what a browser asks first"),
    Endpoint("GET", OBJECT, "an object of a public bucket, for everyone"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    s3 = S3Endpoint(edge)
    return [
        Route(S3, s3.answer, methods=["GET"]),
        Route(BUCKET, s3.answer, methods=["GET", "PUT", "POST", "DELETE", "OPTIONS"]),
        Route(OBJECT, s3.public, methods=["GET"]),
    ]


class S3Endpoint:
    """The same objects as everywhere else, for clients that speak S3. It knows the default jurisdiction."""

    def __init__(self, edge: Edge) -> None:
        self._buckets = edge.buckets
        self._door = edge.runtime.storage
        self._keys = S3Keys(edge.identity, edge.access.tokens)

    async def answer(self, request: Request) -> Response:
        if error := _too_large(request):
            return error
        bucket, key_id = _bucket_name(request), _key_id(request)
        try:
            secret = self._keys.secret(key_id, request.method, bucket)
        except S3Denied:
            return _error(403, "AccessDenied", "The token of this key does not allow this.")
        names = {found.name: found.store for found in self._reached(bucket, request)}
        # With a key that nobody knows the simulator refuses in its own words.
        key = (key_id, secret) if secret else ("", secrets.token_hex(32))
        try:
            found = await ask_s3(
                self._door,
                request.method,
                _url(request),
                _headers(request),
                body=_body(request),
                names=names,
                key=key,
            )
        except StorageRefused as refused:
            return _error(503, "ServiceUnavailable", str(refused))
        return _relayed(found)

    async def public(self, request: Request) -> Response:
        """An object of a bucket whose public address is switched on; GET and HEAD."""
        bucket = self._buckets.get(request.path_params["bucket"])
        if bucket is None or not bucket.is_public:
            return Response("Object not found", 404)
        asked = (request.method, _url(request), _headers(request))
        return _relayed(await ask_public(self._door, *asked, stored=bucket.store))

    def _reached(self, bucket: str, request: Request) -> list[Bucket]:
        """The buckets that a request is about: the one in its path and the one it copies from, or all."""
        if not bucket:
            return self._buckets.of("default")
        source = unquote(request.headers.get("x-amz-copy-source", "")).lstrip("/").partition("/")[0]
        found = [self._buckets.get(name) for name in dict.fromkeys((bucket, source)) if name]
        return [each for each in found if each is not None]


def _bucket_name(request: Request) -> str:
    rest: str = request.path_params.get("rest", "")
    return rest.partition("/")[0]


def _key_id(request: Request) -> str:
    """The key that a request is signed with, from its header or from its presigned address."""
    _, _, credential = request.headers.get("authorization", "").partition("Credential=")
    if not credential:
        credential = parse_qs(request.url.query).get("X-Amz-Credential", [""])[0]
    return credential.partition("/")[0].strip()


def _too_large(request: Request) -> Response | None:
    """What is too large is refused before any of it is read."""
    size = request.headers.get("content-length", "0")
    hashed = request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD") != "UNSIGNED-PAYLOAD"
    bytes_max = SIGNED_BYTES_MAX if hashed else OBJECT_BYTES_MAX
    if size.isdecimal() and int(size) <= bytes_max:
        return None
    message = (
        f"At most {bytes_max} bytes are taken at once; send the object in parts, or its payload unsigned."
    )
    return _error(400, "EntityTooLarge", message)


def _url(request: Request) -> httpx2.URL:
    """The path and query as they were sent: they are signed."""
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    return httpx2.URL("http://storage", raw_path=path + (b"?" + query if query else b""))


def _headers(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]


def _body(request: Request) -> AsyncIterator[bytes] | None:
    return request.stream() if request.method in BODIES else None


def _relayed(found: httpx2.Response) -> Response:
    answer = Relayed(found.aiter_raw(), found.status_code, found.aclose)
    answer.raw_headers = [
        (name.lower(), value) for name, value in found.headers.raw if name.lower().decode() not in HOP_BY_HOP
    ]
    return answer


def _error(status: int, code: str, message: str) -> Response:
    """An error as S3 has them."""
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{text}', status, media_type="application/xml")
