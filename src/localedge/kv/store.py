"""KV namespaces, as the control plane reads and writes them: the same data that the Workers see."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from localedge.kv.wiring import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import httpx2

    from localedge.runtime.door import StorageDoor

METADATA_HEADER = "CF-KV-Metadata"
EXPIRATION_HEADER = "CF-Expiration"
LIST_MAX = 1000
MANY_KEYS_MAX = 1000
MANY_BYTES_MAX = 8 * 1024 * 1024


class KvValue(NamedTuple):
    """A value that was found. `expiration` is in seconds since 1970, None for never."""

    value: bytes
    metadata: Any = None
    expiration: int | None = None


class KvWrite(NamedTuple):
    """A value to store. `expiration` is in seconds since 1970, None for never."""

    key: str
    value: bytes
    expiration: int | None = None
    metadata: Any = None


class KvPage(NamedTuple):
    """Keys in order, each with `name` and, where it has them, `expiration` and `metadata`.

    `cursor` asks for the next page; it is empty on the last.
    """

    keys: list[dict[str, Any]]
    cursor: str


class KvStore:
    """Namespaces are named by their id, and are there once they are used.

    Every call raises `StorageRefused` when a key, a value or an option is refused.
    """

    def __init__(self, door: StorageDoor) -> None:
        self._door = door

    async def get(self, namespace: str, key: str) -> KvValue | None:
        """The value, or None if there is none, or no longer."""
        response = await self._ask("GET", namespace, _path(key), allowed=(404,))
        if response.status_code == 404:
            return None
        metadata, expiration = response.headers.get(METADATA_HEADER), response.headers.get(EXPIRATION_HEADER)
        return KvValue(
            response.content,
            json.loads(metadata) if metadata else None,
            int(expiration) if expiration else None,
        )

    async def put(
        self,
        namespace: str,
        key: str,
        value: bytes,
        *,
        expiration: int | None = None,
        metadata: object = None,
    ) -> None:
        """Store a value of up to 25 MiB. `expiration` is at least 60 seconds ahead."""
        headers = {} if metadata is None else {METADATA_HEADER: json.dumps(metadata)}
        params = {} if expiration is None else {"expiration": str(expiration)}
        await self._ask("PUT", namespace, _path(key), content=value, params=params, headers=headers)

    async def delete(self, namespace: str, key: str) -> None:
        """Remove a value, if it is there."""
        await self._ask("DELETE", namespace, _path(key))

    async def list(
        self, namespace: str, *, prefix: str = "", limit: int = LIST_MAX, cursor: str = ""
    ) -> KvPage:
        """Up to `limit` (at most 1000) keys that begin with `prefix`."""
        params = {"key_count_limit": str(limit), "prefix": prefix} | ({"cursor": cursor} if cursor else {})
        found = (await self._ask("GET", namespace, "/", params=params)).json()
        return KvPage([_listed(key) for key in found["keys"]], found.get("cursor", ""))

    async def bulk_get(self, namespace: str, keys: Sequence[str]) -> dict[str, KvValue | None]:
        """Every key asked for, with its value or None."""
        found: dict[str, KvValue | None] = dict.fromkeys(keys)
        for some in _batched(list(found)):
            for key, entry in (await self._many("get", namespace, some)).json().items():
                found[key] = KvValue(base64.b64decode(entry["value"]), entry["metadata"], entry["expiration"])
        return found

    async def bulk_put(self, namespace: str, writes: Iterable[KvWrite]) -> None:
        """Store many values. Not all or nothing: after an error some are stored, and it can be done again."""
        for some in _write_batches(writes):
            await self._many("put", namespace, some)

    async def bulk_delete(self, namespace: str, keys: Sequence[str]) -> None:
        """Remove many values."""
        for some in _batched(keys):
            await self._many("delete", namespace, some)

    async def drop(self, namespace: str) -> None:
        """Remove all values of a namespace."""
        await self._many("drop", namespace, [])

    async def _many(self, operation: str, namespace: str, wanted: Sequence[object]) -> httpx2.Response:
        return await self._ask("POST", namespace, f"/many/{operation}", content=json.dumps(wanted).encode())

    async def _ask(
        self,
        method: str,
        namespace: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
    ) -> httpx2.Response:
        params = {"urlencoded": "true", **(params or {})}
        return await self._door.ask(
            KIND, namespace, method, path, content=content, params=params, headers=headers, allowed=allowed
        )


def _path(key: str) -> str:
    return "/" + quote(key, safe="")


def _listed(key: Mapping[str, Any]) -> dict[str, Any]:
    listed = {name: key[name] for name in ("name", "expiration") if key.get(name) is not None}
    return listed if key.get("metadata") is None else {**listed, "metadata": json.loads(key["metadata"])}


def _batched(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), MANY_KEYS_MAX):
        yield keys[start : start + MANY_KEYS_MAX]


def _write_batches(writes: Iterable[KvWrite]) -> Iterator[list[dict[str, Any]]]:
    """Writes as the storage process takes them, in batches that are bounded in number and bytes."""
    batch: list[dict[str, Any]] = []
    size = 0
    for write in writes:
        if batch and (len(batch) == MANY_KEYS_MAX or size + len(write.value) > MANY_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(
            {
                "key": write.key,
                "value": base64.b64encode(write.value).decode(),
                "expiration": write.expiration,
                "metadata": write.metadata,
            }
        )
        size += len(write.value)
    if batch:
        yield batch
