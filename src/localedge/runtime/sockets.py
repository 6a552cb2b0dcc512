"""Unix sockets of the edge's processes, in a folder of their own with a path short enough for them."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

PATH_BYTES_MAX = 100
"""Linux takes 107 bytes, macOS 103."""
LONGEST_NAME = "v255.reader"
BACKLOG = 4096
RECORD = "sockets.path"


def socket_folder(folder: Path) -> Path:
    """A private, empty folder: in `folder`, or if that is too deep a temporary one that is recorded there."""
    inside = folder / "sockets"
    remove_socket_folder(folder)
    if _fits(inside):
        inside.mkdir(mode=0o700)
        return inside
    made = Path(tempfile.mkdtemp(prefix="localedge-"))
    if not _fits(made):
        made.rmdir()
        made = Path(tempfile.mkdtemp(prefix="localedge-", dir="/tmp"))
    (folder / RECORD).write_text(str(made))
    return made


def remove_socket_folder(folder: Path) -> None:
    """Remove the sockets of this run, or of one that was killed."""
    record = folder / RECORD
    with contextlib.suppress(FileNotFoundError):
        made = Path(record.read_text())
        if made.name.startswith("localedge-") and _is_private_folder(made):
            shutil.rmtree(made)
        record.unlink()
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder / "sockets")


def listen_unix(path: Path) -> socket.socket:
    """Listen here. The socket outlives the process that answers on it: connections wait while it restarts."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(BACKLOG)
    return listener


def listen_tcp(port: int) -> socket.socket:
    """Listen on loopback; 0 finds a free port."""
    return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_NAME)) <= PATH_BYTES_MAX


def _is_private_folder(path: Path) -> bool:
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
