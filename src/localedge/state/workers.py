"""Scripts, versions, their secrets, and deployments, in the database."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localedge.state.database import transaction
from localedge.state.model import Deployment, Script, Share, StoredAssets, StoredModule, Version
from localedge.state.schema import Schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping


SCHEMA = Schema(
    "workers",
    (
        """
CREATE TABLE scripts (
    name TEXT PRIMARY KEY, tag TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL,
    settings TEXT NOT NULL, workers_dev INTEGER NOT NULL, previews INTEGER NOT NULL
) STRICT;
CREATE TABLE versions (
    id TEXT PRIMARY KEY, script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE, number INTEGER NOT NULL,
    created_on TEXT NOT NULL, source TEXT NOT NULL, main_module TEXT NOT NULL, modules TEXT NOT NULL,
    bindings TEXT NOT NULL, compatibility_date TEXT NOT NULL, compatibility_flags TEXT NOT NULL,
    annotations TEXT NOT NULL, etag TEXT NOT NULL, startup_time_ms INTEGER NOT NULL, extra TEXT NOT NULL,
    UNIQUE (script, number)
) STRICT;
CREATE TABLE secrets (
    version_id TEXT NOT NULL REFERENCES versions ON DELETE CASCADE, name TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (version_id, name)
) STRICT;
CREATE TABLE deployments (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    script TEXT NOT NULL REFERENCES scripts ON DELETE CASCADE,
    created_on TEXT NOT NULL, source TEXT NOT NULL, shares TEXT NOT NULL, annotations TEXT NOT NULL
) STRICT;
CREATE INDEX deployments_by_script ON deployments (script, place);
""",
        "ALTER TABLE versions ADD COLUMN assets TEXT;",
        # Switches that had no effect so far are as good as never set.
        """
ALTER TABLE scripts DROP COLUMN workers_dev;
ALTER TABLE scripts DROP COLUMN previews;
ALTER TABLE scripts ADD COLUMN workers_dev INTEGER;
ALTER TABLE scripts ADD COLUMN previews INTEGER;
""",
    ),
)


class WorkerTable:
    """Reads and writes. Nothing here decides; one call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several writes that happen together or not at all."""
        with transaction(self._db):
            yield

    def scripts(self) -> list[Script]:
        return [_script(row) for row in self._db.execute("SELECT * FROM scripts ORDER BY name")]

    def script(self, name: str) -> Script | None:
        row = self._db.execute("SELECT * FROM scripts WHERE name = ?", (name,)).fetchone()
        return row and _script(row)

    def tag_of(self, name: str) -> str:
        """The tag of the Worker with this name, or with this tag; `""` if there is none."""
        query = "SELECT tag FROM scripts WHERE name = ? OR tag = ?"
        row = self._db.execute(query, (name, name)).fetchone()
        return str(row["tag"]) if row else ""

    def put_script(self, script: Script) -> None:
        self._db.execute(
            "INSERT INTO scripts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " modified_on = excluded.modified_on, settings = excluded.settings,"
            " workers_dev = excluded.workers_dev, previews = excluded.previews",
            (
                script.name,
                script.tag,
                script.created_on,
                script.modified_on,
                json.dumps(dict(script.settings)),
                script.workers_dev,
                script.previews,
            ),
        )

    def delete_script(self, name: str) -> None:
        """The script with all its versions, secrets and deployments."""
        self._db.execute("DELETE FROM scripts WHERE name = ?", (name,))

    def versions(self, script: str, *, limit: int, offset: int = 0) -> list[Version]:
        """Newest first."""
        query = "SELECT * FROM versions WHERE script = ? ORDER BY number DESC LIMIT ? OFFSET ?"
        return [_version(row) for row in self._db.execute(query, (script, limit, offset))]

    def version_count(self, script: str) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM versions WHERE script = ?", (script,)).fetchone()
        return int(count)

    def version(self, script: str, version_id: str) -> Version | None:
        query = "SELECT * FROM versions WHERE script = ? AND id = ?"
        row = self._db.execute(query, (script, version_id)).fetchone()
        return row and _version(row)

    def scripts_of(self, version_ids: Iterable[str]) -> dict[str, str]:
        """The Workers that versions belong to, by the versions' ids."""
        query = "SELECT script FROM versions WHERE id = ?"
        found = {one: self._db.execute(query, (one,)).fetchone() for one in version_ids}
        return {version_id: str(row[0]) for version_id, row in found.items() if row is not None}

    def version_at(self, script: str, label: str) -> Version | None:
        """The newest version whose id begins with the label, or that has it as its alias."""
        query = (
            "SELECT * FROM versions WHERE script = ? AND (substr(id, 1, 8) = ?"
            """ OR lower(annotations ->> '$."workers/alias"') = ?) ORDER BY number DESC LIMIT 1"""
        )
        row = self._db.execute(query, (script, label, label)).fetchone()
        return row and _version(row)

    def latest_version(self, script: str) -> Version | None:
        return next(iter(self.versions(script, limit=1)), None)

    def add_version(self, version: Version, secrets: Mapping[str, str]) -> None:
        self._db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                version.id,
                version.script,
                version.number,
                version.created_on,
                version.source,
                version.main_module,
                json.dumps([[module.name, module.content_type, module.digest] for module in version.modules]),
                json.dumps([dict(binding) for binding in version.bindings]),
                version.compatibility_date,
                json.dumps(version.compatibility_flags),
                json.dumps(dict(version.annotations)),
                version.etag,
                version.startup_time_ms,
                json.dumps(dict(version.extra)),
                _written_assets(version.assets),
            ),
        )
        rows = [(version.id, name, text) for name, text in secrets.items()]
        self._db.executemany("INSERT INTO secrets VALUES (?, ?, ?)", rows)

    def secrets(self, version_id: str) -> dict[str, str]:
        """Secret name -> text."""
        query = "SELECT name, text FROM secrets WHERE version_id = ? ORDER BY name"
        return dict(self._db.execute(query, (version_id,)).fetchall())

    def deployments(self, script: str, *, limit: int) -> list[Deployment]:
        """Newest first: the first one serves."""
        return list(self.deployments_back(script, limit=limit))

    def deployments_back(self, script: str, *, limit: int) -> Iterator[Deployment]:
        """The same, each read when it is asked for. Write nothing meanwhile."""
        query = "SELECT * FROM deployments WHERE script = ? ORDER BY place DESC LIMIT ?"
        return map(_deployment, self._db.execute(query, (script, limit)))

    def deployments_between(self, script: str, since: str, until: str) -> list[Deployment]:
        """Newest first, made within the two times, both included."""
        query = (
            "SELECT * FROM deployments WHERE script = ? AND created_on BETWEEN ? AND ? ORDER BY place DESC"
        )
        return [_deployment(row) for row in self._db.execute(query, (script, since, until))]

    def deployment(self, script: str, deployment_id: str) -> Deployment | None:
        query = "SELECT * FROM deployments WHERE script = ? AND id = ?"
        row = self._db.execute(query, (script, deployment_id)).fetchone()
        return row and _deployment(row)

    def current_deployment(self, script: str) -> Deployment | None:
        return next(iter(self.deployments(script, limit=1)), None)

    def add_deployment(self, deployment: Deployment) -> None:
        shares = json.dumps([[share.version_id, share.percentage] for share in deployment.shares])
        self._db.execute(
            "INSERT INTO deployments (id, script, created_on, source, shares, annotations)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                deployment.id,
                deployment.script,
                deployment.created_on,
                deployment.source,
                shares,
                json.dumps(dict(deployment.annotations)),
            ),
        )

    def delete_deployment(self, deployment_id: str) -> None:
        self._db.execute("DELETE FROM deployments WHERE id = ?", (deployment_id,))

    def kept_versions(self, newest: int) -> set[str]:
        """The ids of so many of the newest versions of each Worker, and of all that serve."""
        query = (
            "SELECT id FROM versions AS one WHERE number >"
            " (SELECT max(number) FROM versions WHERE script = one.script) - ?"
        )
        recent = {str(row["id"]) for row in self._db.execute(query, (newest,))}
        current = (self.current_deployment(script.name) for script in self.scripts())
        return recent.union(*(deployment.version_ids for deployment in current if deployment))

    def digests(self, versions: set[str]) -> set[str]:
        """Every blob of a module that one of these versions has."""
        rows = self._db.execute("SELECT id, modules FROM versions")
        kept = (row for row in rows if row["id"] in versions)
        return {digest for row in kept for _, _, digest in json.loads(row["modules"])}

    def asset_manifests(self, versions: set[str]) -> set[str]:
        """The digest of every manifest of assets that one of these versions has."""
        rows = self._db.execute("SELECT id, assets FROM versions WHERE assets IS NOT NULL")
        return {json.loads(row["assets"])["manifest"] for row in rows if row["id"] in versions}


def _script(row: sqlite3.Row) -> Script:
    return Script(
        name=row["name"],
        tag=row["tag"],
        created_on=row["created_on"],
        modified_on=row["modified_on"],
        settings=json.loads(row["settings"]),
        workers_dev=_switch(row["workers_dev"]),
        previews=_switch(row["previews"]),
    )


def _switch(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _version(row: sqlite3.Row) -> Version:
    return Version(
        id=row["id"],
        script=row["script"],
        number=row["number"],
        created_on=row["created_on"],
        source=row["source"],
        main_module=row["main_module"],
        modules=tuple(StoredModule(*module) for module in json.loads(row["modules"])),
        bindings=tuple(json.loads(row["bindings"])),
        compatibility_date=row["compatibility_date"],
        compatibility_flags=tuple(json.loads(row["compatibility_flags"])),
        annotations=json.loads(row["annotations"]),
        etag=row["etag"],
        startup_time_ms=row["startup_time_ms"],
        extra=json.loads(row["extra"]),
        assets=None if row["assets"] is None else StoredAssets(**json.loads(row["assets"])),
    )


def _written_assets(assets: StoredAssets | None) -> str | None:
    if assets is None:
        return None
    return json.dumps({"manifest": assets.manifest, "config": dict(assets.config)})


def _deployment(row: sqlite3.Row) -> Deployment:
    return Deployment(
        id=row["id"],
        script=row["script"],
        created_on=row["created_on"],
        source=row["source"],
        shares=tuple(Share(*share) for share in json.loads(row["shares"])),
        annotations=json.loads(row["annotations"]),
    )
