"""SQL files on their way in and out, by links that nobody can guess and that last an hour."""

from __future__ import annotations

import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.d1.refusals import malformed
from localedge.runtime.files import private_folder

if TYPE_CHECKING:
    from pathlib import Path

KEPT_SECONDS = 3600
FILES_MAX = 32


@dataclass(frozen=True, slots=True)
class Link:
    """A file that belongs to a database. `etag` is the MD5 of an upload, empty for an export."""

    token: str
    database: str
    path: Path
    etag: str
    expires_at: float


class Files:
    """Links do not outlive the edge, nor do their files."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)
        self._links: dict[str, Link] = {}
        for left in folder.iterdir():
            left.unlink()

    def add(self, database: str, etag: str = "") -> Link:
        """A new link; the oldest ones go when there are too many."""
        token = secrets.token_urlsafe(32)
        expires_at = time.monotonic() + KEPT_SECONDS
        link = Link(token, database, self._folder / f"{token}.sql", etag, expires_at)
        self._links[token] = link
        self._forget()
        return link

    def get(self, token: str) -> Link | None:
        self._forget()
        return self._links.get(token)

    def uploaded(self, database: str, etag: str) -> Link:
        """The file that was uploaded for a database; `Invalid` when there is none."""
        self._forget()
        for link in reversed(self._links.values()):
            if link.database == database and link.etag == etag and link.path.exists():
                return link
        raise malformed(f"no file with the etag {etag} was uploaded for this database; begin with init")

    def remove(self, link: Link) -> None:
        self._links.pop(link.token, None)
        with contextlib.suppress(FileNotFoundError):
            link.path.unlink()

    def _forget(self) -> None:
        links = list(self._links.values())
        now = time.monotonic()
        for place, link in enumerate(links):
            if link.expires_at < now or place < len(links) - FILES_MAX:
                self.remove(link)
