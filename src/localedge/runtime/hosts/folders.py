"""Where objects' data is: a folder a Worker, in it one a version, in it one a namespace.

An object is one SQLite file, named by its id, in the folder of the version that it belongs to. Beside them
workerd keeps the alarms of all objects in that folder. When objects change to another version, their files
and alarms are moved, while no process has them. Moving can be broken off at any point and done again.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from typing import TYPE_CHECKING

from localedge.runtime.assignment import ID_LENGTH, version_of
from localedge.runtime.files import private_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from localedge.runtime.assignment import Shares

ALARMS = "metadata.sqlite"
ALARMS_TABLE = (
    "CREATE TABLE IF NOT EXISTS _cf_ALARM"
    " (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID"
)
OBJECT_FILE = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}\.")

AlarmRow = tuple[str, int, str | None]


def settle(folder: Path, namespaces: Collection[str], shares: Shares) -> None:
    """Give each version its objects. No process may have them open."""
    for version_id, _ in shares:
        for namespace in namespaces:
            private_folder(folder / version_id / namespace)
    for namespace in namespaces:
        for source in folder.glob(f"*/{namespace}"):
            _move_alarms(source, folder, namespace, shares)
            _move_objects(source, folder, namespace, shares)
    kept = {version_id for version_id, _ in shares}
    for version_folder in [found for found in folder.iterdir() if found.name not in kept]:
        _remove_settled(version_folder, namespaces)


def forget_other(folder: Path, namespaces: Collection[str]) -> None:
    """Delete the data of namespaces that are there no longer."""
    for found in list(folder.glob("*/*")):
        if found.name not in namespaces:
            shutil.rmtree(found)


def stored_ids(folder: Path, namespace: str) -> list[str]:
    """The ids of all objects of a namespace that have stored something, in order."""
    files = folder.glob(f"*/{namespace}/*.sqlite")
    return sorted(file.name[:ID_LENGTH] for file in files if OBJECT_FILE.match(file.name))


def _move_objects(source: Path, folder: Path, namespace: str, shares: Shares) -> None:
    for file in list(source.iterdir()):
        if OBJECT_FILE.match(file.name):
            target = folder / version_of(file.name[:ID_LENGTH], shares) / namespace
            if target != source:
                file.rename(target / file.name)


def _move_alarms(source: Path, folder: Path, namespace: str, shares: Shares) -> None:
    """Written there before they are deleted here."""
    leaving: dict[Path, list[AlarmRow]] = {}
    for row in _alarms(source):
        target = folder / version_of(row[0], shares) / namespace
        if target != source:
            leaving.setdefault(target, []).append(row)
    for target, rows in leaving.items():
        with _opened(target) as there:
            there.execute(ALARMS_TABLE)
            there.executemany("INSERT OR REPLACE INTO _cf_ALARM VALUES (?, ?, ?)", rows)
        with _opened(source) as here:
            here.executemany("DELETE FROM _cf_ALARM WHERE actor_id = ?", [(row[0],) for row in rows])


def _alarms(source: Path) -> list[AlarmRow]:
    if not (source / ALARMS).exists():
        return []
    with _opened(source) as here:
        here.execute(ALARMS_TABLE)
        return here.execute("SELECT actor_id, scheduled_time, actor_name FROM _cf_ALARM").fetchall()


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """A folder's alarms, for one transaction."""
    with contextlib.closing(sqlite3.connect(folder / ALARMS)) as connection, connection:
        yield connection


def _remove_settled(version_folder: Path, namespaces: Collection[str]) -> None:
    """A version's folder whose objects have all moved. Namespaces that are not settled now keep theirs."""
    for namespace in namespaces:
        shutil.rmtree(version_folder / namespace, ignore_errors=True)
    with contextlib.suppress(OSError):  # it is not empty
        version_folder.rmdir()
