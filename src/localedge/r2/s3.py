"""Requests in the language of S3, and those for public objects, on their way to the storage process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localedge.r2.wiring import S3_KIND

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    import httpx2

    from localedge.runtime.door import StorageDoor

CREDENTIALS_HEADER = "x-localedge-s3"
PUBLIC_HEADER = "x-localedge-public"
OBJECT = "endpoint"


async def ask_s3(
    door: StorageDoor,
    method: str,
    url: httpx2.URL,
    headers: list[tuple[str, str]],
    *,
    body: AsyncIterable[bytes] | None,
    names: Mapping[str, str],
    key: tuple[str, str],
) -> httpx2.Response:
    """The simulator's answer. `names` are buckets with what storage calls them, `key` an id and a secret."""
    told = json.dumps({"names": dict(names), "accessKeyId": key[0], "secretAccessKey": key[1]})
    inside = [*_outside(headers), (CREDENTIALS_HEADER, told)]
    return await door.stream(S3_KIND, OBJECT, method, url, content=body, headers=inside)


async def ask_public(
    door: StorageDoor, method: str, url: httpx2.URL, headers: list[tuple[str, str]], *, stored: str
) -> httpx2.Response:
    """The answer for an object of the bucket that storage calls so. The path names the same bucket."""
    inside = [*_outside(headers), (PUBLIC_HEADER, stored)]
    return await door.stream(S3_KIND, OBJECT, method, url, headers=inside)


def _outside(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers of a client: none of them may pass for one of ours."""
    ours = (CREDENTIALS_HEADER, PUBLIC_HEADER, "mf-kind", "mf-namespace")
    return [(name, value) for name, value in headers if name not in ours]
