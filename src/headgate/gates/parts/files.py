"""Reading files of the project, never more than a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_at_most(path: Path, bytes_max: int) -> bytes:
    """A file's content. Raises OSError, also where it is larger than `bytes_max`."""
    with path.open("rb") as file:
        body = file.read(bytes_max + 1)
    if len(body) > bytes_max:
        raise OSError(f"it is larger than {bytes_max // 1024} KiB")
    return body
