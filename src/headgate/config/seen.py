"""Remembers which headgate.toml was checked against the schema, because loading the checker takes 30 ms.

`headgate rollback` has 200 ms for everything. What is kept is a digest of the file and the schema, nothing
else; checks that look at more than the file are made every time.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

SCHEMA_FILE = Path(__file__).with_name("headgate.schema.json")


def is_checked(project: Path, raw: bytes) -> bool:
    """Whether exactly this text was found good by exactly this schema."""
    try:
        return _note(project).read_text(encoding="ascii") == _digest(raw)
    except (OSError, ValueError):
        return False


def remember(project: Path, raw: bytes) -> None:
    """Keep that this text is good."""
    # A folder that cannot be written to costs 30 ms the next time, and is no reason to stop.
    with suppress(OSError):
        _note(project).parent.mkdir(mode=0o700, exist_ok=True)
        _note(project).write_text(_digest(raw), encoding="ascii")


def _note(project: Path) -> Path:
    return project / ".headgate" / "configuration.sha256"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(SCHEMA_FILE.read_bytes() + b"\0" + raw).hexdigest()
