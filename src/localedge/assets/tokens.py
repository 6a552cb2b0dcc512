"""The signed tokens of an upload: JSON Web Tokens (HS256) that expire and say what they are for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from localedge.errors import CODE_AUTHENTICATION, Unauthenticated

UPLOAD, COMPLETION = "upload", "completion"
VALID_SECONDS = 3_600
"""Both kinds, as on the platform: https://developers.cloudflare.com/workers/static-assets/direct-upload/"""

TOKEN_BYTES_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Claims:
    """A Worker's name and the digest of a manifest."""

    script: str
    manifest: str


class Tokens:
    """Signs and reads tokens with one key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def sign(self, kind: str, claims: Claims) -> str:
        """A token that is good for an hour from now."""
        now = int(time.time())
        payload = {
            "kind": kind,
            "script": claims.script,
            "manifest": claims.manifest,
            "iat": now,
            "exp": now + VALID_SECONDS,
        }
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(payload)}"
        return f"{signed}.{self._signature(signed)}"

    def read(self, kind: str, token: str) -> Claims:
        """What a token claims; `Unauthenticated` when it is not the edge's, of another kind, or too old."""
        signed, _, signature = token.rpartition(".")
        ours = len(token) <= TOKEN_BYTES_MAX and hmac.compare_digest(
            signature.encode(), self._signature(signed).encode()
        )
        payload = _decoded(signed.partition(".")[2]) if ours else {}
        if payload.get("kind") != kind:
            message = f"this is no {kind} token for assets; begin again with an assets-upload-session"
            raise Unauthenticated(CODE_AUTHENTICATION, message)
        if payload["exp"] <= time.time():
            message = f"the {kind} token for assets has expired; begin again with an assets-upload-session"
            raise Unauthenticated(CODE_AUTHENTICATION, message)
        return Claims(payload["script"], payload["manifest"])

    def _signature(self, signed: str) -> str:
        return _base64(hmac.digest(self._key, signed.encode(), hashlib.sha256))


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _decoded(part: str) -> dict[str, Any]:
    """Only for what bears our signature."""
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
