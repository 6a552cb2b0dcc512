"""Finding headgate.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "headgate.toml"


def find(start: Path) -> Path | None:
    """The nearest headgate.toml in `start` or a folder above it, up to the root of the git repository.

    Something else of that name, such as a folder, is given only where there is no file: reading it tells.
    """
    start, other = start.absolute(), None
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        if file.is_file():
            return file
        if file.exists():
            other = other or file
        if (folder / ".git").exists():
            break
    return other
