"""Log files of the processes, bounded in size and number."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BYTES_MAX = 4 * 1024 * 1024
FILES_MAX = 200
TAIL_BYTES = 16 * 1024


class LogFile:
    """What one process says, in a file that is appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._since = 0

    def open(self) -> int:
        """A descriptor to append to; from here on is what `said` tells."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.bound()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._since = os.fstat(descriptor).st_size
        return descriptor

    def said(self) -> str:
        """What was written since the file was opened, at most its last 16 KiB."""
        with self.path.open("rb") as file:
            file.seek(max(self._since, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode("utf-8", "replace")

    def bound(self) -> None:
        """Empty a file that has grown too long, its end kept in `NAME.log.1`; a process may write to it."""
        if not self.path.exists() or self.path.stat().st_size <= BYTES_MAX:
            return
        with self.path.open("rb+") as file:
            file.seek(-BYTES_MAX, os.SEEK_END)
            self.path.with_name(self.path.name + ".1").write_bytes(file.read())
            file.truncate(0)
        self._since = 0


def forget_oldest(folder: Path) -> None:
    """Keep the newest files of a log folder only."""
    files = sorted(folder.glob("*.log*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[FILES_MAX:]:
        path.unlink(missing_ok=True)
