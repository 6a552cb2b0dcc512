"""Objects of R2 buckets, as the control plane reads and writes them: the same data that the Workers see.

It speaks the simulator's protocol: what is asked is JSON, in a header or in front of the value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.r2.wiring import KIND
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

    import httpx2

    from localedge.runtime.door import StorageDoor

REQUEST_HEADER = "cf-r2-request"
SIZE_HEADER = "cf-r2-metadata-size"
ERROR_HEADER = "cf-r2-error"
LIST_MAX = 1000

CODE_PRECONDITION = 10031


class R2Refused(Exception):
    """The simulator refuses. `code` is R2's own, `status` HTTP's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class R2Object:
    """What an object is. `size` is in bytes, `uploaded_ms` since 1970, `range` (first byte, bytes)."""

    key: str
    size: int
    etag: str
    uploaded_ms: int
    http: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)
    range: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class R2Page:
    """Objects by key; `prefixes` stand for those that a delimiter groups. No cursor on the last page."""

    objects: Sequence[R2Object]
    prefixes: Sequence[str]
    cursor: str


@dataclass(frozen=True, slots=True)
class R2Body:
    """An object with its value, which is read once. Whoever has it closes it."""

    object: R2Object
    chunks: AsyncIterator[bytes]
    response: httpx2.Response

    async def close(self) -> None:
        await self.response.aclose()


class R2Store:
    """Buckets are named as in storage (`Bucket.store`), and are there once they are used.

    Every call raises `R2Refused`, or `StorageRefused` while the storage does not answer.
    """

    def __init__(self, door: StorageDoor) -> None:
        self._door = door

    async def get(self, bucket: str, key: str, **options: object) -> R2Body:
        """The object; `options` as in the simulator: `rangeHeader`, `onlyIf`."""
        asked = {"method": "get", "object": key, **options}
        response = await self._ask(bucket, asked)
        chunks = response.aiter_raw()
        try:
            metadata, rest = await _split(response, chunks)
        except BaseException:
            await response.aclose()
            raise
        return R2Body(_object(metadata), _after(rest, chunks), response)

    async def put(
        self,
        bucket: str,
        key: str,
        value: AsyncIterable[bytes],
        size: int,
        *,
        http: Mapping[str, object] | None = None,
    ) -> R2Object:
        """Store a value of `size` bytes. `http` are fields of the simulator: `contentType`, ..."""
        asked = {"method": "put", "object": key, "httpFields": dict(http or {})}
        return _object(await self._tell(bucket, asked, value, size))

    async def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Remove objects, if they are there; at most 1000."""
        await self._tell(bucket, {"method": "delete", "objects": list(keys)})

    async def list(self, bucket: str, *, limit: int = LIST_MAX, **options: str) -> R2Page:
        """Up to `limit` objects and prefixes, with all their metadata.

        `options` are the simulator's: `prefix`, `delimiter`, `cursor`, `startAfter`.
        """
        page = R2Page([], [], "")
        while (missing := limit - len(page.objects) - len(page.prefixes)) > 0:
            some = await self._list(bucket, {**options, "limit": missing})
            page = R2Page([*page.objects, *some.objects], [*page.prefixes, *some.prefixes], some.cursor)
            if not some.cursor:
                break
            options = {**options, "cursor": some.cursor}
        return page

    async def _list(self, bucket: str, options: Mapping[str, object]) -> R2Page:
        """With metadata the simulator lists 100 at once, as the platform does to Workers."""
        found = await self._read(await self._ask(bucket, {"method": "list", "include": [0, 1], **options}))
        objects = [_object(each) for each in found["objects"]]
        return R2Page(objects, found["delimitedPrefixes"], found.get("cursor") or "")

    async def usage(self, bucket: str) -> tuple[int, int]:
        """Number of objects, and their bytes."""
        found = (await self._door.ask(KIND, bucket, "POST", "/usage")).json()
        return int(found["objects"]), int(found["bytes"])

    async def expire(self, bucket: str, *, prefix: str, before_ms: int) -> int:
        """Delete objects that were written before a time, up to 1000 at once; how many they were."""
        content = json.dumps({"prefix": prefix, "before": before_ms}).encode()
        answer = await self._door.ask(KIND, bucket, "POST", "/expire", content=content)
        return int(answer.json()["deleted"])

    async def _ask(self, bucket: str, asked: Mapping[str, object]) -> httpx2.Response:
        header = (REQUEST_HEADER, json.dumps({"version": 1, **asked}))
        return await _checked(await self._door.stream(KIND, bucket, "GET", "/", headers=[header]))

    async def _tell(
        self,
        bucket: str,
        asked: Mapping[str, object],
        value: AsyncIterable[bytes] | None = None,
        size: int = 0,
    ) -> dict[str, Any]:
        metadata = json.dumps({"version": 1, **asked}).encode()
        headers = [(SIZE_HEADER, str(len(metadata))), ("content-length", str(len(metadata) + size))]
        content = metadata if value is None else _after(metadata, value)
        response = await self._door.stream(KIND, bucket, "PUT", "/", content=content, headers=headers)
        return await self._read(await _checked(response))

    async def _read(self, response: httpx2.Response) -> dict[str, Any]:
        try:
            whole = await response.aread()
        finally:
            await response.aclose()
        found: dict[str, Any] = json.loads(whole) if whole else {}
        return found


async def _checked(response: httpx2.Response) -> httpx2.Response:
    """The answer, if it is no refusal."""
    if not response.is_error:
        return response
    text = (await response.aread()).decode("utf-8", "replace")
    await response.aclose()
    told = response.headers.get(ERROR_HEADER)
    if told is None:
        raise StorageRefused(response.status_code, text)
    error = json.loads(told)
    raise R2Refused(response.status_code, int(error["v4code"]), str(error["message"]))


async def _split(response: httpx2.Response, chunks: AsyncIterator[bytes]) -> tuple[dict[str, Any], bytes]:
    """The metadata in front of a value, and what was read of the value."""
    size, read = int(response.headers[SIZE_HEADER]), b""
    while len(read) < size:
        read += await anext(chunks)
    metadata: dict[str, Any] = json.loads(read[:size])
    return metadata, read[size:]


async def _after(begin: bytes, rest: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if begin:
        yield begin
    async for chunk in rest:
        yield chunk


def _object(told: Mapping[str, Any]) -> R2Object:
    part = told.get("range")
    return R2Object(
        key=told["name"],
        size=told["size"],
        etag=told["etag"],
        uploaded_ms=told["uploaded"],
        http=told.get("httpFields") or {},
        custom={each["k"]: each["v"] for each in told.get("customFields") or []},
        range=(part["offset"], part["length"]) if part else None,
    )
