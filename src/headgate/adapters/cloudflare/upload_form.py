"""A bundle as the multipart form that the platform takes, the way wrangler sends it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.artifact import Bundle, Module

MESSAGE_LENGTH_MAX = 120


def notes(*, message: str, tag: str = "") -> dict[str, str]:
    """The annotations of a version or a deployment, as dashboards show them. The message is cut to fit."""
    line = " ".join(message.split())
    cut = line if len(line) <= MESSAGE_LENGTH_MAX else line[: MESSAGE_LENGTH_MAX - 1] + "…"
    return {"workers/message": cut} | ({"workers/tag": tag} if tag else {})


def upload_form(bundle: Bundle, *, message: str, tag: str) -> tuple[bytes, str]:
    """The form's body and its content type. The same bundle and notes give the same bytes."""
    metadata = dict(bundle.metadata)
    metadata["annotations"] = dict(metadata.get("annotations") or {}) | notes(message=message, tag=tag)
    parts = [_part('name="metadata"', "", json.dumps(metadata).encode())]
    parts += [_module_part(module) for module in bundle.modules]
    boundary = _boundary(parts)
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + part for part in parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _module_part(module: Module) -> bytes:
    name = _quoted(module.name)
    return _part(f'name="{name}"; filename="{name}"', module.content_type, module.body)


def _part(disposition: str, content_type: str, body: bytes) -> bytes:
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"Content-Disposition: form-data; {disposition}\r\n{kind}\r\n".encode() + body + b"\r\n"


def _quoted(name: str) -> str:
    """As browsers and wrangler write names in a form."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _boundary(parts: list[bytes]) -> str:
    """A line that occurs in no part: named by the digest of them all, so that no chance is needed."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return f"headgate-{total.hexdigest()[:32]}"
