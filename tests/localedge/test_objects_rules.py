"""The rules of migrations, and of which version has an object, without an edge."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from localedge.errors import Invalid
from localedge.objects.migrations import Classes, check_exported, migrated, read_migrations
from localedge.runtime import ObjectClass
from localedge.runtime.assignment import version_of
from localedge.runtime.hosts.folders import forget_other, settle, stored_ids

if TYPE_CHECKING:
    from pathlib import Path

IDS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(400)]
SPACE = "0123456789abcdef0123456789abcdef"


def after(before: Classes, **metadata: object) -> Classes:
    migrations = read_migrations({"old_tag": before.tag, "new_tag": "new", **metadata})
    assert migrations is not None
    return migrated(before, migrations)


def test_steps_are_done_in_order() -> None:
    steps = [
        {"new_classes": ["A"], "new_sqlite_classes": ["B"]},
        {"renamed_classes": [{"from": "A", "to": "C"}], "new_sqlite_classes": ["A"]},
        {"deleted_classes": ["B"]},
    ]
    classes = after(Classes(), steps=steps)
    assert classes.tag == "new"
    assert {name: one.sql for name, one in classes.by_name.items()} == {"C": False, "A": True}
    assert all(one.name == name for name, one in classes.by_name.items())


def test_a_renamed_class_keeps_its_namespace() -> None:
    before = Classes("v1", {"A": ObjectClass("A", SPACE, sql=True)})
    classes = after(before, renamed_classes=[{"from": "A", "to": "B"}])
    assert classes.by_name == {"B": ObjectClass("B", SPACE, sql=True)}


def test_no_migrations_are_none() -> None:
    assert read_migrations(None) is None


def test_a_new_class_and_an_old_one_have_to_be_exported() -> None:
    before = Classes("v1", {"A": ObjectClass("A", SPACE, sql=True)})
    classes = after(before, new_classes=["B"])
    check_exported(before, classes, {"A", "B", "default"})
    with pytest.raises(Invalid) as old:
        check_exported(before, classes, {"B"})
    with pytest.raises(Invalid) as new:
        check_exported(before, classes, {"A"})
    assert (old.value.code, new.value.code) == (10064, 10070)


def test_objects_are_spread_by_the_percentages_and_stay_when_a_share_grows() -> None:
    tenth, half = (("new", 10.0), ("old", 90.0)), (("new", 50.0), ("old", 50.0))
    counted = Counter(version_of(one, tenth) for one in IDS)
    assert 15 < counted["new"] < 75
    assert 150 < Counter(version_of(one, half) for one in IDS)["new"] < 250
    assert all(version_of(one, half) == "new" for one in IDS if version_of(one, tenth) == "new")
    assert {version_of(one, (("old", 100.0),)) for one in IDS} == {"old"}


def test_files_and_alarms_move_to_their_version(tmp_path: Path) -> None:
    _fill(tmp_path, "old", IDS[:40])
    shares = (("new", 50.0), ("old", 50.0))
    for _ in range(2):  # it may be broken off and done again
        settle(tmp_path, {SPACE}, shares)
        for version_id in ("new", "old"):
            mine = {one for one in IDS[:40] if version_of(one, shares) == version_id}
            files = {path.name for path in (tmp_path / version_id / SPACE).glob("*.sqlite*")}
            assert {name[:64] for name in files} - {"metadata.sqlite"} == mine
            assert {f"{one}.sqlite-wal" for one in mine} <= files
            assert set(_alarms(tmp_path, version_id)) == mine
    assert stored_ids(tmp_path, SPACE) == sorted(IDS[:40])

    settle(tmp_path, {SPACE}, (("newest", 100.0),))
    assert [path.name for path in tmp_path.iterdir()] == ["newest"]
    assert set(_alarms(tmp_path, "newest")) == set(IDS[:40])
    forget_other(tmp_path, ())
    assert stored_ids(tmp_path, SPACE) == []


def _fill(folder: Path, version_id: str, ids: list[str]) -> None:
    settle(folder, {SPACE}, ((version_id, 100.0),))
    there = folder / version_id / SPACE
    for one in ids:
        (there / f"{one}.sqlite").touch()
        (there / f"{one}.sqlite-wal").touch()
    with sqlite3.connect(there / "metadata.sqlite") as alarms:
        alarms.execute(
            "CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT)"
        )
        alarms.executemany("INSERT INTO _cf_ALARM VALUES (?, 1, NULL)", [(one,) for one in ids])
    alarms.close()


def _alarms(folder: Path, version_id: str) -> list[str]:
    alarms = sqlite3.connect(folder / version_id / SPACE / "metadata.sqlite")
    try:
        return [row[0] for row in alarms.execute("SELECT actor_id FROM _cf_ALARM")]
    finally:
        alarms.close()
