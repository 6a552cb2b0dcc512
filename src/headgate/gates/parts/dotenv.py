"""Reading the files in which people keep secrets for development: `.dev.vars` and `.env`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headgate.gates.parts.files import read_at_most

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (".dev.vars", ".env", ".env.local")
_BYTES_MAX = 256 * 1024
_LINE = re.compile(r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*("[^"]*"|'[^']*'|`[^`]*`|[^#\n]*)""")


def development_values(project: Path, environments: tuple[str, ...]) -> dict[str, set[str]]:
    """The values these files give each name; files that are missing or cannot be read give none."""
    values: dict[str, set[str]] = {}
    for name in (*NAMES, *(f"{base}.{env}" for base in NAMES[:2] for env in environments)):
        try:
            text = read_at_most(project / name, _BYTES_MAX).decode(errors="replace")
        except OSError:
            continue
        for line in text.splitlines():
            if found := _LINE.match(line):
                values.setdefault(found.group(1), set()).add(found.group(2).strip().strip("\"'`"))
    return values
