"""Assets in the database: which contents are stored, and the manifests that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.assets.manifest import Manifest, digest_of, parsed, written
from localedge.state.model import utc_now
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

SCHEMA = Schema(
    "assets",
    (
        """
CREATE TABLE asset_files (
    hash TEXT PRIMARY KEY, digest TEXT NOT NULL, content_type TEXT, stored_on TEXT NOT NULL
) STRICT;
CREATE TABLE asset_manifests (
    digest TEXT PRIMARY KEY, manifest TEXT NOT NULL, stored_on TEXT NOT NULL
) STRICT;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A content that is stored: the client's hash, the blob's digest, and the type to serve it with."""

    hash: str
    digest: str
    content_type: str | None


class AssetTable:
    """Reads and writes. One call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def files(self) -> dict[str, StoredFile]:
        """All of them, by hash."""
        rows = self._db.execute("SELECT hash, digest, content_type FROM asset_files")
        return {row["hash"]: StoredFile(*row) for row in rows}

    def hashes(self) -> set[str]:
        return {row["hash"] for row in self._db.execute("SELECT hash FROM asset_files")}

    def add_files(self, files: Sequence[StoredFile]) -> None:
        now = utc_now()
        rows = [(file.hash, file.digest, file.content_type, now) for file in files]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT OR REPLACE INTO asset_files VALUES (?, ?, ?, ?)", rows)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add_manifest(self, manifest: Manifest) -> str:
        """Remember a manifest; its digest."""
        text = written(manifest)
        digest = digest_of(text)
        query = (
            "INSERT INTO asset_manifests VALUES (?, ?, ?)"
            " ON CONFLICT (digest) DO UPDATE SET stored_on = excluded.stored_on"
        )
        self._db.execute(query, (digest, text, utc_now()))
        return digest

    def manifest(self, digest: str) -> Manifest | None:
        query = "SELECT manifest FROM asset_manifests WHERE digest = ?"
        row = self._db.execute(query, (digest,)).fetchone()
        return None if row is None else parsed(row["manifest"])

    def forget_manifests(self, *, used: set[str], before: str) -> None:
        """Remove those that no version uses and that were announced before that time."""
        rows = self._db.execute("SELECT digest FROM asset_manifests WHERE stored_on < ?", (before,))
        unused = [(row["digest"],) for row in rows.fetchall() if row["digest"] not in used]
        self._db.executemany("DELETE FROM asset_manifests WHERE digest = ?", unused)

    def forget_files(self, *, before: str) -> None:
        """Remove those that no manifest names and that were stored before that time."""
        named = {content.hash for manifest in self._manifests() for content in manifest.values()}
        rows = self._db.execute("SELECT hash FROM asset_files WHERE stored_on < ?", (before,))
        unused = [(row["hash"],) for row in rows.fetchall() if row["hash"] not in named]
        self._db.executemany("DELETE FROM asset_files WHERE hash = ?", unused)

    def digests(self) -> set[str]:
        """The blobs of all contents."""
        return {row["digest"] for row in self._db.execute("SELECT digest FROM asset_files")}

    def _manifests(self) -> Iterable[Manifest]:
        for row in self._db.execute("SELECT manifest FROM asset_manifests"):
            yield parsed(row["manifest"])
