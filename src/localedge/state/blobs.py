"""Bodies of modules and assets, each stored once under its SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITERS = 4
"""Files that are synced at once: the disk takes several as fast as one."""


class Blobs:
    """A folder of content-addressed files. A body that was stored is on the disk, whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def folder(self) -> Path:
        """Holds the bodies; the file of each is called by its digest."""
        return self._folder

    def put(self, body: bytes) -> str:
        """Store a body; its digest, in hexadecimal."""
        return self.put_all([body])[0]

    def put_all(self, bodies: Sequence[bytes]) -> list[str]:
        """Store bodies, with less waiting for the disk than one by one; their digests."""
        digests = [hashlib.sha256(body).hexdigest() for body in bodies]
        missing = {
            digest: body
            for digest, body in zip(digests, bodies, strict=True)
            if not (self._folder / digest).exists()
        }
        with ThreadPoolExecutor(WRITERS) as writers:
            targets = [self._folder / digest for digest in missing]
            list(writers.map(self._write, targets, missing.values()))
        if missing:
            self._sync_folder()
        return digests

    def _write(self, target: Path, body: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".new-", delete=False) as file:
            try:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _sync_folder(self) -> None:
        """A new name is on the disk only when its folder is."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def get(self, digest: str) -> bytes:
        return (self._folder / digest).read_bytes()

    def keep_only(self, digests: set[str]) -> int:
        """Remove every other body; how many went."""
        gone = [path for path in self._folder.iterdir() if path.name not in digests]
        for path in gone:
            path.unlink()
        return len(gone)
