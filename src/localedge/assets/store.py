"""Uploads of assets: what is missing is asked for, stored once, and redeemed by the version that has it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.assets.manifest import FILE_BYTES_MAX, buckets_of
from localedge.assets.table import StoredFile
from localedge.assets.tokens import COMPLETION, UPLOAD, Claims
from localedge.errors import CODE_MALFORMED, CODE_VALIDATION, Invalid
from localedge.runtime.spec import AssetFile
from localedge.state.model import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.assets.manifest import Manifest
    from localedge.assets.table import AssetTable
    from localedge.assets.tokens import Tokens
    from localedge.multipart import Part
    from localedge.state.blobs import Blobs

UNUSED_KEPT = datetime.timedelta(days=1)
"""What no version uses is kept for so long, as its upload may not be finished."""

NO_TYPE = "application/null"
"""Clients send it for a file that is to be served without a content type."""

CONTENT_TYPE = re.compile(r"[\w.+/-]{1,200}(;[\w.+/=; -]{0,200})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """The token to go on with, and the hashes to upload in groups; without any, it is a completion token."""

    jwt: str
    buckets: list[list[str]]


class AssetStore:
    """The contents of all Workers' assets. The same content is stored once, whoever has it."""

    def __init__(self, table: AssetTable, blobs: Blobs, tokens: Tokens) -> None:
        self._table = table
        self._blobs = blobs
        self._tokens = tokens

    def open_session(self, script: str, manifest: Manifest) -> Session:
        """Begin an upload."""
        claims = Claims(script, self._table.add_manifest(manifest))
        missing = self._missing(manifest)
        kind = UPLOAD if missing else COMPLETION
        return Session(self._tokens.sign(kind, claims), buckets_of(missing))

    def check(self, token: str) -> None:
        """`Unauthenticated` unless it is the token of a session, so that no more is read of a request."""
        self._tokens.read(UPLOAD, token)

    async def take(self, token: str, parts: Sequence[Part]) -> str | None:
        """Store files, each in a part named by its hash; the completion token once none is missing.

        `Unauthenticated` for a token that is not good, `Invalid` for a file that the manifest does not name
        or that is not as it was announced.
        """
        claims = self._tokens.read(UPLOAD, token)
        manifest = self._manifest(claims.manifest)
        sizes = {content.hash: content.size for content in manifest.values()}
        self._table.add_files(await asyncio.to_thread(self._stored, parts, sizes))
        return None if self._missing(manifest) else self._tokens.sign(COMPLETION, claims)

    def redeem(self, script: str, token: str) -> str:
        """The digest of the manifest that was uploaded whole with this completion token for this Worker."""
        claims = self._tokens.read(COMPLETION, token)
        if claims.script != script:
            message = f"the completion token is for the assets of Worker {claims.script}, not of {script}"
            raise Invalid(CODE_VALIDATION, message)
        if self._missing(self._manifest(claims.manifest)):
            raise Invalid(CODE_VALIDATION, "not all assets of the manifest have been uploaded")
        return claims.manifest

    def files(self, digest: str) -> tuple[AssetFile, ...]:
        """The files of a manifest, as the runtime serves them."""
        stored = self._table.files()
        return tuple(
            AssetFile(path, content.hash, stored[content.hash].digest, stored[content.hash].content_type)
            for path, content in self._manifest(digest).items()
        )

    def keep(self, used: set[str]) -> set[str]:
        """Forget what no version uses; `used` are digests of manifests. The blobs that are still needed."""
        before = written(datetime.datetime.now(datetime.UTC) - UNUSED_KEPT)
        self._table.forget_manifests(used=used, before=before)
        self._table.forget_files(before=before)
        return self._table.digests()

    def _stored(self, parts: Sequence[Part], sizes: Mapping[str, int]) -> list[StoredFile]:
        bodies = [_body(part, sizes) for part in parts]
        kinds = [_content_type(part) for part in parts]
        digests = self._blobs.put_all(bodies)
        names = (part.name for part in parts)
        return [StoredFile(*file) for file in zip(names, digests, kinds, strict=True)]

    def _manifest(self, digest: str) -> Manifest:
        manifest = self._table.manifest(digest)
        if manifest is None:
            message = "the manifest of these assets is no longer there; begin again with an upload session"
            raise Invalid(CODE_VALIDATION, message)
        return manifest

    def _missing(self, manifest: Manifest) -> dict[str, int]:
        """Hash -> size in bytes of each content that is not stored."""
        contents = {content.hash: content.size for content in manifest.values()}
        stored = self._table.hashes()
        return {found: size for found, size in contents.items() if found not in stored}


def _body(part: Part, sizes: Mapping[str, int]) -> bytes:
    """A file's content, as it was announced."""
    if part.name not in sizes:
        raise Invalid(
            CODE_MALFORMED, f"the manifest of this upload has no file with the hash {part.name[:64]!r}"
        )
    try:
        body = base64.b64decode(part.body, validate=True)
    except binascii.Error as error:
        raise Invalid(CODE_MALFORMED, f"the file {part.name} is not base64: {error}") from error
    if len(body) > FILE_BYTES_MAX:
        raise Invalid(CODE_MALFORMED, f"the file {part.name} has more than {FILE_BYTES_MAX} bytes")
    if len(body) != sizes[part.name]:
        message = f"the file {part.name} has {len(body)} bytes, its manifest says {sizes[part.name]}"
        raise Invalid(CODE_MALFORMED, message)
    return body


def _content_type(part: Part) -> str | None:
    given = part.full_content_type
    if not given or given == NO_TYPE:
        return None
    if not CONTENT_TYPE.fullmatch(given):
        raise Invalid(CODE_MALFORMED, f"the file {part.name} has no valid content type: {given[:100]!r}")
    return given
