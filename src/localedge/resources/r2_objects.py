"""Objects of R2 buckets: read, write, list, delete. Keys have slashes, and up to 1,024 bytes."""

from __future__ import annotations

import datetime
import email.utils
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import (
    CODE_LENGTH_MISSING,
    CODE_MALFORMED,
    CODE_OBJECT_TOO_LARGE,
    ApiError,
    Invalid,
    NotThere,
    TooLarge,
)
from localedge.r2.store import CODE_PRECONDITION, LIST_MAX, R2Refused
from localedge.requests import read_json, read_number
from localedge.resources import BUCKETS
from localedge.resources.r2_lookup import bucket_of, refuse
from localedge.resources.r2_relay import Relayed
from localedge.state.model import written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.r2.store import R2Object

OBJECT_BYTES_MAX = 300 * 1024 * 1024
DELETED_MAX = 1000
FIELDS = {
    "content-type": "contentType",
    "content-language": "contentLanguage",
    "content-disposition": "contentDisposition",
    "content-encoding": "contentEncoding",
    "cache-control": "cacheControl",
}

ALL = BUCKETS + "/{bucket}/objects"
ONE = ALL + "/{key:path}"

COVERAGE = (
    Endpoint(
        "GET", ALL, "list (`prefix`, `delimiter`, `cursor`, `start_after`, `per_page`)", (Client.PYTHON_SDK,)
    ),
    Endpoint("DELETE", ALL, "delete up to 1,000: a JSON list of keys"),
    Endpoint(
        "GET",
        ONE,
        "an object; `range`, `if-none-match` and `if-modified-since` are followed",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint(
        "PUT",
        ONE,
        "write an object of up to 300 MiB, with its HTTP metadata",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint("DELETE", ONE, "delete an object", (Client.WRANGLER, Client.PYTHON_SDK)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    objects = Objects(edge)
    return [
        Route(ALL, objects.list_all, methods=["GET"]),
        Route(ALL, objects.delete_many, methods=["DELETE"]),
        Route(ONE, objects.get, methods=["GET"]),
        Route(ONE, objects.put, methods=["PUT"]),
        Route(ONE, objects.delete, methods=["DELETE"]),
    ]


class Objects:
    """What is in a bucket."""

    def __init__(self, edge: Edge) -> None:
        self._table = edge.buckets
        self._r2 = edge.r2

    async def list_all(self, request: Request) -> Response:
        """Objects by key; those that the delimiter groups stand in `result_info.delimited`."""
        bucket, size = bucket_of(self._table, request), _page_size(request)
        names = {
            "prefix": "prefix",
            "delimiter": "delimiter",
            "cursor": "cursor",
            "start_after": "startAfter",
        }
        options = {
            own: request.query_params[name] for name, own in names.items() if request.query_params.get(name)
        }
        try:
            page = await self._r2.list(bucket.store, limit=size, **options)
        except R2Refused as refused:
            refuse(refused)
        info = {"per_page": size, "is_truncated": bool(page.cursor), "delimited": list(page.prefixes)}
        if page.cursor:
            info["cursor"] = page.cursor
        return ok([_show(each) for each in page.objects], info=info)

    async def delete_many(self, request: Request) -> Response:
        bucket, keys = bucket_of(self._table, request), await read_json(request)
        if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
            raise Invalid(CODE_MALFORMED, "the body has to be a list of keys")
        if not 0 < len(keys) <= DELETED_MAX:
            raise Invalid(CODE_MALFORMED, f"1 to {DELETED_MAX} keys at a time, these are {len(keys)}")
        try:
            await self._r2.delete(bucket.store, keys)
        except R2Refused as refused:
            refuse(refused)
        return ok([{"key": key} for key in keys])

    async def get(self, request: Request) -> Response:
        """The object as it is, without an envelope."""
        bucket = bucket_of(self._table, request)
        try:
            found = await self._r2.get(bucket.store, request.path_params["key"], **_conditions(request))
        except R2Refused as refused:
            if refused.code == CODE_PRECONDITION:
                return Response(status_code=304)
            refuse(refused)
        part = found.object.range if "range" in request.headers else None
        answer = Relayed(found.chunks, 206 if part else 200, found.close)
        answer.headers.update(_headers(found.object, part))
        return answer

    async def put(self, request: Request) -> Response:
        bucket, size = bucket_of(self._table, request), _size(request)
        if request.headers.get("cf-r2-storage-class", "Standard") != "Standard":
            raise NotThere("storage class InfrequentAccess of an object")
        try:
            stored = await self._r2.put(
                bucket.store, request.path_params["key"], _chunks(request), size, http=_http(request)
            )
        except R2Refused as refused:
            refuse(refused)
        return ok(
            {
                "key": stored.key,
                "etag": stored.etag,
                "size": str(stored.size),
                "storage_class": "Standard",
                "uploaded": _time(stored.uploaded_ms),
            }
        )

    async def delete(self, request: Request) -> Response:
        """One that is not there is deleted too."""
        bucket, key = bucket_of(self._table, request), request.path_params["key"]
        try:
            await self._r2.delete(bucket.store, [key])
        except R2Refused as refused:
            refuse(refused)
        return ok({"key": key})


def _page_size(request: Request) -> int:
    return read_number(request, "per_page", default=LIST_MAX, lowest=1, highest=LIST_MAX)


def _size(request: Request) -> int:
    """The bytes that are to come: R2 wants to know before."""
    given = request.headers.get("content-length", "")
    if not given.isdecimal():
        error = ApiError(CODE_LENGTH_MISSING, "You must provide the Content-Length HTTP header.")
        error.status = 411
        raise error
    if int(given) > OBJECT_BYTES_MAX:
        message = (
            f"this endpoint takes objects of up to {OBJECT_BYTES_MAX} bytes, S3 larger ones; it has {given}"
        )
        raise TooLarge(CODE_OBJECT_TOO_LARGE, message)
    return int(given)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body while it comes. The HTTP server sees to its being as long as it says."""
    async for chunk in request.stream():
        if chunk:
            yield chunk


def _http(request: Request) -> dict[str, object]:
    """The metadata that R2 keeps of a request's headers."""
    found: dict[str, object] = {
        own: request.headers[name] for name, own in FIELDS.items() if name in request.headers
    }
    if "expires" in request.headers:
        found["cacheExpiry"] = _milliseconds(request.headers["expires"], "expires")
    return found


def _conditions(request: Request) -> dict[str, object]:
    """Range and conditions, as the simulator takes them."""
    options: dict[str, object] = {}
    only_if: dict[str, object] = {"secondsGranularity": True}
    if "range" in request.headers:
        options["rangeHeader"] = request.headers["range"]
    if tags := request.headers.get("if-none-match"):
        only_if["etagDoesNotMatch"] = [_tag(tag.strip()) for tag in tags.split(",")]
    if since := request.headers.get("if-modified-since"):
        only_if["uploadedAfter"] = _milliseconds(since, "if-modified-since")
    return {**options, "onlyIf": only_if} if len(only_if) > 1 else options


def _tag(text: str) -> dict[str, str]:
    if text == "*":
        return {"type": "wildcard"}
    weak = text.startswith("W/")
    return {"type": "weak" if weak else "strong", "value": text.removeprefix("W/").strip('"')}


def _milliseconds(text: str, name: str) -> int:
    try:
        return int(email.utils.parsedate_to_datetime(text).timestamp() * 1000)
    except (TypeError, ValueError) as error:
        raise Invalid(CODE_MALFORMED, f"{name} has to be an HTTP date") from error


def _headers(found: R2Object, part: tuple[int, int] | None) -> dict[str, str]:
    """What is told of an object beside its value."""
    headers = {
        "etag": f'"{found.etag}"',
        "last-modified": email.utils.formatdate(found.uploaded_ms / 1000, usegmt=True),
        "content-length": str(part[1] if part else found.size),
        "content-type": "application/octet-stream",
        "accept-ranges": "bytes",
    }
    headers |= {name: str(found.http[own]) for name, own in FIELDS.items() if found.http.get(own)}
    if expiry := found.http.get("cacheExpiry"):
        headers["expires"] = email.utils.formatdate(int(expiry) / 1000, usegmt=True)
    if part:
        headers["content-range"] = f"bytes {part[0]}-{part[0] + part[1] - 1}/{found.size}"
    return headers


def _show(found: R2Object) -> dict[str, Any]:
    http = {name: value for name, value in found.http.items() if value is not None}
    if "cacheExpiry" in http:
        http["cacheExpiry"] = _time(int(http["cacheExpiry"]))
    return {
        "key": found.key,
        "size": found.size,
        "etag": found.etag,
        "last_modified": _time(found.uploaded_ms),
        "http_metadata": http,
        "custom_metadata": dict(found.custom),
        "storage_class": "Standard",
        "ssec": False,
    }


def _time(milliseconds: int) -> str:
    return written(datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC))
