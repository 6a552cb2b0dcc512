"""The one edge of a folder: its lock while it runs, and `edge.json`, which tells others where it is."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "edge.lock"
TELLS = "edge.json"
LOG = "logs/edge.log"

READ_EVERY_SECONDS = 0.002
READ_TIMES_MAX = 100


class AlreadyRunning(Exception):
    """Another edge has the folder."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What `edge.json` tells of a running edge. `api_url` ends in `/client/v4`; times are RFC 3339 in UTC."""

    pid: int
    api_url: str
    traffic_url: str
    account_id: str
    token: str = field(repr=False)
    subdomain: str
    started_at: str

    def public(self) -> dict[str, object]:
        """All of it but the token."""
        return {name: value for name, value in asdict(self).items() if name != "token"}


class FolderLock:
    """Held as long as the edge runs; the kernel lets it go when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = -1

    def take(self) -> None:
        """`AlreadyRunning` with pid and address when another edge holds it."""
        self._handle = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise AlreadyRunning(_who_has(self._folder)) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._handle, 0)
        os.close(self._handle)


def running_pid(folder: Path) -> int | None:
    """The process id of the folder's edge, if one runs."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written_pid(handle)
    finally:
        os.close(handle)
    return None


def _written_pid(handle: int) -> int | None:
    """Who holds the lock. One that has just taken it writes its id a moment later, so it is read twice."""
    before = b""
    for _ in range(READ_TIMES_MAX):
        found = os.pread(handle, 32, 0).strip()
        if found and found == before:
            return int(found)
        before = found
        time.sleep(READ_EVERY_SECONDS)
    return None


def read_instance(folder: Path) -> Instance | None:
    """What the folder's edge tells, if it runs and is ready."""
    pid = running_pid(folder)
    try:
        told = Instance(**json.loads((folder / TELLS).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return told if told.pid == pid else None


def write_instance(folder: Path, instance: Instance) -> None:
    """Write `edge.json`, whole or not at all, for its owner's eyes only."""
    temporary = folder / f".{TELLS}.new"
    handle = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(instance), file, indent=2)
        file.write("\n")
    temporary.replace(folder / TELLS)


def remove_instance(folder: Path) -> None:
    """Tell no longer."""
    (folder / TELLS).unlink(missing_ok=True)


def _who_has(folder: Path) -> str:
    other = read_instance(folder)
    if other is None:
        return f"a local edge is starting or stopping on {folder} (process {running_pid(folder)})"
    return f"a local edge runs on {folder} already: process {other.pid}, {other.api_url}"
