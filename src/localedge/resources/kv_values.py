"""KV values: one by one, and in bulk. Keys are 1 to 512 bytes, values up to 25 MiB."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import (
    CODE_KEY_MISSING,
    CODE_MALFORMED,
    CODE_TOO_LARGE,
    Invalid,
    Missing,
    TooLarge,
    namespace_missing,
)
from localedge.kv.store import KvWrite
from localedge.multipart import parse_form
from localedge.requests import parse_json, read_json, read_number, read_object
from localedge.resources import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.kv.store import KvValue

KEY_BYTES_MAX = 512
VALUE_BYTES_MAX = 25 * 1024 * 1024
METADATA_BYTES_MAX = 1024
BULK_MAX = 10_000
BULK_GET_MAX = 100
BULK_BYTES_MAX = 100 * 1024 * 1024
LIST_MAX = 1000
TTL_SECONDS_MIN = 60

ONE = NAMESPACES + "/{namespace}"


COVERAGE = (
    Endpoint("GET", f"{ONE}/keys", "keys (`prefix`, `limit`, `cursor`) with expiration and metadata", ALL),
    Endpoint("PUT", f"{ONE}/bulk", "write up to 10,000", ALL),
    Endpoint("DELETE", f"{ONE}/bulk", "delete up to 10,000", (Client.WRANGLER,)),
    Endpoint("POST", f"{ONE}/bulk/delete", "delete up to 10,000", SDKS),
    Endpoint("POST", f"{ONE}/bulk/get", "read up to 100, as text or JSON", SDKS),
    Endpoint("GET", f"{ONE}/metadata/{{key:path}}", "a value's metadata", SDKS),
    Endpoint("GET", f"{ONE}/values/{{key:path}}", "a value; `/` in a key as `%2F`", ALL),
    Endpoint(
        "PUT",
        f"{ONE}/values/{{key:path}}",
        "write a value; a form for metadata; `expiration` or `expiration_ttl`",
        ALL,
    ),
    Endpoint("DELETE", f"{ONE}/values/{{key:path}}", "delete a value", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    values = Values(edge)
    return [
        Route(f"{ONE}/keys", values.list_keys, methods=["GET"]),
        Route(f"{ONE}/bulk", values.put_many, methods=["PUT"]),
        Route(f"{ONE}/bulk", values.delete_many, methods=["DELETE"]),
        Route(f"{ONE}/bulk/delete", values.delete_many, methods=["POST"]),
        Route(f"{ONE}/bulk/get", values.get_many, methods=["POST"]),
        Route(f"{ONE}/metadata/{{key:path}}", values.metadata, methods=["GET"]),
        Route(f"{ONE}/values/{{key:path}}", values.get, methods=["GET"]),
        Route(f"{ONE}/values/{{key:path}}", values.put, methods=["PUT"]),
        Route(f"{ONE}/values/{{key:path}}", values.delete, methods=["DELETE"]),
    ]


class Values:
    """Keys with their values."""

    def __init__(self, edge: Edge) -> None:
        self._namespaces = edge.namespaces
        self._kv = edge.kv

    async def get(self, request: Request) -> Response:
        """The value as it is, without an envelope."""
        found = await self._kv.get(self._namespace(request), _key(request))
        if found is None:
            raise Missing(CODE_KEY_MISSING, "get: 'key not found'")
        headers = {} if found.expiration is None else {"expiration": str(found.expiration)}
        return Response(found.value, media_type="application/octet-stream", headers=headers)

    async def metadata(self, request: Request) -> Response:
        found = await self._kv.get(self._namespace(request), _key(request))
        if found is None:
            raise Missing(CODE_KEY_MISSING, "get: 'key not found'")
        return ok(found.metadata)

    async def put(self, request: Request) -> Response:
        """The body is the value, or a form with the parts `value` and `metadata`."""
        namespace, key = self._namespace(request), _key(request)
        value, metadata = await _value_and_metadata(request)
        query = {name: request.query_params.get(name) for name in ("expiration", "expiration_ttl")}
        await self._kv.put(namespace, key, value, expiration=_expiration(_numbers(query)), metadata=metadata)
        return ok({})

    async def delete(self, request: Request) -> Response:
        await self._kv.delete(self._namespace(request), _key(request))
        return ok({})

    async def list_keys(self, request: Request) -> Response:
        """Keys in order, with `cursor` in `result_info` while there are more."""
        page = await self._kv.list(
            self._namespace(request),
            prefix=request.query_params.get("prefix", ""),
            limit=read_number(request, "limit", default=LIST_MAX, lowest=1, highest=LIST_MAX),
            cursor=request.query_params.get("cursor", ""),
        )
        return ok(page.keys, info={"count": len(page.keys), "cursor": page.cursor})

    async def put_many(self, request: Request) -> Response:
        namespace = self._namespace(request)
        writes = [_write(entry) for entry in await _bulk(request)]
        await self._kv.bulk_put(namespace, writes)
        return ok({"successful_key_count": len(writes), "unsuccessful_keys": []})

    async def delete_many(self, request: Request) -> Response:
        namespace = self._namespace(request)
        keys = [_checked_key(_name_of(entry)) for entry in await _bulk(request)]
        await self._kv.bulk_delete(namespace, keys)
        return ok({"successful_key_count": len(keys), "unsuccessful_keys": []})

    async def get_many(self, request: Request) -> Response:
        """Values as text, or parsed with `type: json`; a key that is not there is null."""
        namespace, body = self._namespace(request), await read_object(request)
        keys = body.get("keys")
        if not isinstance(keys, list) or not 0 < len(keys) <= BULK_GET_MAX:
            raise Invalid(CODE_MALFORMED, f"keys has to be a list of 1 to {BULK_GET_MAX} keys")
        found = await self._kv.bulk_get(namespace, [_checked_key(key) for key in keys])
        return ok({"values": {key: _shown(found.get(key), body) for key in keys}})

    def _namespace(self, request: Request) -> str:
        namespace_id = str(request.path_params["namespace"])
        if self._namespaces.get(namespace_id) is None:
            raise namespace_missing(namespace_id)
        return namespace_id


def _key(request: Request) -> str:
    return _checked_key(request.path_params["key"])


def _checked_key(key: object) -> str:
    if not isinstance(key, str) or not key or key in (".", ".."):
        raise Invalid(CODE_MALFORMED, "a key is a text that is not empty, nor '.' or '..'")
    if len(key.encode()) > KEY_BYTES_MAX:
        raise Invalid(
            CODE_MALFORMED, f"a key has at most {KEY_BYTES_MAX} bytes, this one has {len(key.encode())}"
        )
    return key


def _checked_value(value: bytes) -> bytes:
    if len(value) > VALUE_BYTES_MAX:
        raise TooLarge(
            CODE_TOO_LARGE, f"a value has at most {VALUE_BYTES_MAX} bytes, this one has {len(value)}"
        )
    return value


def _checked_metadata(metadata: object) -> object:
    if metadata is not None and len(json.dumps(metadata).encode()) > METADATA_BYTES_MAX:
        raise Invalid(CODE_MALFORMED, f"metadata has at most {METADATA_BYTES_MAX} bytes as JSON")
    return metadata


async def _value_and_metadata(request: Request) -> tuple[bytes, object]:
    content_type, body = request.headers.get("content-type", ""), await request.body()
    if not content_type.startswith("multipart/form-data"):
        return _checked_value(body), None
    parts = {part.name: part.body for part in parse_form(content_type, body)}
    if "value" not in parts:
        raise Invalid(CODE_MALFORMED, "the form has no part named 'value'")
    metadata = parse_json(parts.get("metadata") or b"null", "metadata")
    return _checked_value(parts["value"]), _checked_metadata(metadata)


def _numbers(query: Mapping[str, str | None]) -> dict[str, int]:
    try:
        return {name: int(text) for name, text in query.items() if text is not None}
    except ValueError as error:
        raise Invalid(CODE_MALFORMED, "expiration and expiration_ttl are whole seconds") from error


def _expiration(entry: Mapping[str, Any]) -> int | None:
    """When a value expires; a time to live goes before a time, as on the platform."""
    now = int(time.time())
    ttl, expiration = (_seconds(entry.get(name)) for name in ("expiration_ttl", "expiration"))
    if ttl is not None and ttl < TTL_SECONDS_MIN:
        raise Invalid(
            CODE_MALFORMED, f"Invalid expiration_ttl of {ttl}: it must be at least {TTL_SECONDS_MIN}."
        )
    if ttl is not None:
        return now + ttl
    if expiration is not None and expiration < now + TTL_SECONDS_MIN:
        message = f"Invalid expiration of {expiration}: it must be {TTL_SECONDS_MIN} seconds ahead or more."
        raise Invalid(CODE_MALFORMED, message)
    return expiration


def _seconds(given: object) -> int | None:
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise Invalid(CODE_MALFORMED, "expiration and expiration_ttl are whole seconds")
    return None if given is None else int(given)


async def _bulk(request: Request) -> list[Any]:
    entries = await read_json(request, bytes_max=BULK_BYTES_MAX)
    if not isinstance(entries, list):
        raise Invalid(CODE_MALFORMED, "the body has to be a list")
    if len(entries) > BULK_MAX:
        raise Invalid(CODE_MALFORMED, f"at most {BULK_MAX} keys at a time, these are {len(entries)}")
    return entries


def _name_of(entry: object) -> object:
    """A key to delete: a text, or an object with a `name` as `keys` lists it."""
    return entry.get("name") if isinstance(entry, dict) else entry


def _write(entry: object) -> KvWrite:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        raise Invalid(CODE_MALFORMED, "every entry has to be an object with a key and a value, both texts")
    key = _checked_key(entry.get("key"))
    try:
        value = (
            base64.b64decode(entry["value"], validate=True)
            if entry.get("base64")
            else entry["value"].encode()
        )
    except binascii.Error as error:
        raise Invalid(CODE_MALFORMED, f"the value of {key!r} is not base64") from error
    return KvWrite(key, _checked_value(value), _expiration(entry), _checked_metadata(entry.get("metadata")))


def _shown(found: KvValue | None, body: Mapping[str, Any]) -> object:
    """A value of a bulk read, in the form that the request asks for."""
    if found is None:
        return None
    text = found.value.decode("utf-8", "replace")
    try:
        value: object = json.loads(text) if body.get("type") == "json" else text
    except ValueError as error:
        raise Invalid(CODE_MALFORMED, "a value is not JSON; ask for type text") from error
    if not body.get("withMetadata"):
        return value
    shown = {"value": value, "metadata": found.metadata}
    return shown if found.expiration is None else {**shown, "expiration": found.expiration}
