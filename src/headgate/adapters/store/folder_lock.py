"""One change at a time in a folder: a lock that the kernel takes back when its process dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from pathlib import Path

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.005


class Holder(NamedTuple):
    """Which process holds the lock, and for which change; 0 and '' where it could not write that down."""

    pid: int
    change_id: str


class FolderLock:
    """A lock on a file that says in plain text who holds it; the file stays, the lock comes and goes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def try_acquire(self, change_id: str) -> bool:
        """Take the lock for a change without waiting; False if another holds it, this object included."""
        if self._descriptor is not None:
            return False
        descriptor = self._open()
        # More than once, because somebody who asks for the holder has the lock for an instant.
        for _ in range(_ATTEMPTS):
            if _locked(descriptor, fcntl.LOCK_EX):
                self._descriptor = descriptor
                self._say(f"{os.getpid()} {change_id}\n")
                return True
            time.sleep(_PAUSE_SECONDS)
        os.close(descriptor)
        return False

    def release(self) -> None:
        """Give the lock back. Without having it, this does nothing."""
        if self._descriptor is None:
            return
        self._say("")
        os.close(self._descriptor)
        self._descriptor = None

    def holder(self) -> Holder | None:
        """Who holds the lock now; None if nobody does."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            pid, _, change_id = os.read(descriptor, 1000).decode(errors="replace").strip().partition(" ")
            # A process that was killed leaves its name there, but not its lock.
            if _locked(descriptor, fcntl.LOCK_SH):
                return None
            return Holder(int(pid) if pid.isdecimal() else 0, change_id)
        finally:
            os.close(descriptor)

    def _say(self, text: str) -> None:
        """Write down who holds the lock. On a full disk that fails, and the lock holds all the same."""
        assert self._descriptor is not None  # noqa: S101 - whoever says something has the lock
        with suppress(OSError):
            os.truncate(self._descriptor, 0)
            os.write(self._descriptor, text.encode())

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise HeadgateError(
                f"The lock cannot be made: {error.strerror}.",
                where=str(self._path),
                remedy="Check that you may write there, then run the command again.",
            ) from error


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
