"""Finding headgate.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "headgate.toml"


def find(start: Path) -> Path | None:
    """The nearest headgate.toml in `start` or a folder above it, up to the root of the git repository."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
        if (folder / ".git").exists():
            return None
    return None
