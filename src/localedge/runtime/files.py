"""Files that may hold secrets: readable by their owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)


def private_folder(path: Path) -> Path:
    """A folder that only its owner enters; it may be there already."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
