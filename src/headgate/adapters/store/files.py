"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from headgate.domain.errors import HeadgateError


def write_whole(path: Path, content: bytes, *, mode: int = 0o644, folder_mode: int = 0o777) -> None:
    """Put `content` at `path`; whoever reads it sees the old file or the new one, never a part.

    The folder is made if it is not there. Modes are for a new file and folder, less the umask.
    Raises HeadgateError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=folder_mode)
        # Through a link, the file behind it is written and the link stays.
        _replace(Path(os.path.realpath(path)), content, mode)
    except OSError as error:
        raise HeadgateError(
            f"The file cannot be written: {error.strerror}.",
            where=str(path),
            remedy="Check the space on the disk and that you may write there, then run the command again.",
        ) from error


def _replace(path: Path, content: bytes, mode: int) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            if path.exists():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk too, not the content alone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
