"""Which names are those of secrets."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"secret|token|passw(?:or)?d|passphrase|credential|(?:api|private|signing|encryption|access)_?key",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"public|publishable|(?:_id|_url|_ttl|_name|_seconds)$", re.IGNORECASE)


def says_secret(name: str) -> bool:
    """Whether a name is that of a secret: `API_TOKEN`, but not `PUBLIC_KEY` or `TOKEN_TTL`."""
    return bool(_SECRET.search(name)) and not _PUBLIC.search(name)
