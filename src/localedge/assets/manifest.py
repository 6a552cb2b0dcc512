"""The manifest of a site: which path has which content, as a client announces it before it uploads."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES_MAX = 100_000
FILE_BYTES_MAX = 25 * 1024 * 1024
"""Limits of a paid account: https://developers.cloudflare.com/workers/platform/limits/#static-assets"""

PATH_BYTES_MAX = 4_096
HASH = re.compile(r"[0-9a-f]{32}")

BUCKET_FILES_MAX = 500
BUCKET_BYTES_MAX = 30 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """A file's content: its hash, which the client has chosen, and its size in bytes."""

    hash: str
    size: int


Manifest = dict[str, Content]
"""By path, each beginning with `/`, as it is before any URL encoding."""


def read_manifest(body: Mapping[str, object]) -> Manifest:
    """The manifest in a request's body; `Invalid` says what is wrong with it."""
    given = body.get("manifest")
    if not isinstance(given, dict):
        raise Invalid(CODE_MALFORMED, 'the body needs a manifest: {"/path": {"hash": "...", "size": 1}}')
    if len(given) > FILES_MAX:
        raise Invalid(
            CODE_MALFORMED, f"a version may have at most {FILES_MAX} assets, these are {len(given)}"
        )
    return {_path(path): _content(path, entry) for path, entry in given.items()}


def buckets_of(contents: Mapping[str, int]) -> list[list[str]]:
    """The hashes to upload, in groups that are one request each. `contents` is hash -> size in bytes."""
    buckets: list[list[str]] = []
    room_bytes = 0
    for content_hash, size in contents.items():
        if not buckets or len(buckets[-1]) == BUCKET_FILES_MAX or size > room_bytes:
            buckets.append([])
            room_bytes = BUCKET_BYTES_MAX
        buckets[-1].append(content_hash)
        room_bytes -= size
    return buckets


def written(manifest: Manifest) -> str:
    """As text, the same for the same files."""
    listing = {path: [content.hash, content.size] for path, content in sorted(manifest.items())}
    return json.dumps(listing, separators=(",", ":"))


def parsed(text: str) -> Manifest:
    """What `written` wrote."""
    return {path: Content(*entry) for path, entry in json.loads(text).items()}


def digest_of(text: str) -> str:
    """The name of a written manifest."""
    return hashlib.sha256(text.encode()).hexdigest()


def _path(path: str) -> str:
    if not path.startswith("/") or "\0" in path or len(path.encode()) > PATH_BYTES_MAX:
        message = f"the path {path[:100]!r} in the manifest has to begin with / and be shorter than 4 KiB"
        raise Invalid(CODE_MALFORMED, message)
    return path


def _content(path: str, entry: object) -> Content:
    found = entry if isinstance(entry, dict) else {}
    content_hash, size = found.get("hash"), found.get("size")
    if not isinstance(content_hash, str) or not HASH.fullmatch(content_hash):
        raise Invalid(CODE_MALFORMED, f"the hash of {path} has to be 32 hexadecimal digits")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise Invalid(CODE_MALFORMED, f"the size of {path} has to be a number of bytes")
    if size > FILE_BYTES_MAX:
        raise Invalid(CODE_MALFORMED, f"{path} has {size} bytes, an asset may have at most {FILE_BYTES_MAX}")
    return Content(content_hash, size)
