"""D1 Time Travel: every commit can be gone back to, exactly, whoever made it, and whatever happened since."""

# ruff: noqa: S608 - the statements are made of the tests' own dice

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import RunningEdge
from tests.localedge.d1 import Database

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB);
CREATE TABLE pairs (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
CREATE VIRTUAL TABLE notes USING fts5(text);
CREATE VIEW long AS SELECT * FROM t WHERE length(a) > 20;
CREATE TRIGGER noted AFTER INSERT ON t BEGIN INSERT INTO notes VALUES (NEW.a); END;
CREATE INDEX by_a ON t (a);
"""
WRITER = """
export default {
  async fetch(request, env) {
    const number = new URL(request.url).searchParams.get("n");
    await env.DB.prepare("INSERT INTO t (a, b) VALUES (?, randomblob(500))").bind(`worker ${number}`).run();
    return Response.json(await env.DB.prepare("SELECT count(*) AS n FROM t").first("n"));
  },
};
"""


@pytest.fixture
def db(edge: RunningEdge, script: str) -> Database:
    made = Database.created(edge, script)
    made.rows(SCHEMA)
    return made


def random_statement(dice: random.Random) -> str:
    """SQL that changes something, or may."""
    number, text = dice.randrange(60), "x" * dice.randrange(40)
    return dice.choice(
        [
            f"INSERT OR REPLACE INTO t VALUES ({number}, '{text}{number}', randomblob({number * 50}))",
            f"INSERT INTO t (a, b) SELECT a, b FROM t WHERE id % 7 = {number % 7} LIMIT 20",
            f"DELETE FROM t WHERE id % 5 = {number % 5}",
            f"UPDATE t SET a = a || '{number}' WHERE id < {number}",
            f"INSERT OR REPLACE INTO pairs VALUES ('k{number}', {number})",
            f"DELETE FROM notes WHERE rowid % 3 = {number % 3}",
            f"CREATE TABLE IF NOT EXISTS extra{number % 4} (a, b DEFAULT '{number}')",
            f"DROP TABLE IF EXISTS extra{number % 4}",
            "INSERT INTO notes (notes) VALUES ('optimize')",
        ]
    )


@pytest.mark.parametrize("seed", range(3))
def test_any_earlier_commit_comes_back_exactly(db: Database, seed: int) -> None:
    dice = random.Random(seed)
    moments = {db.bookmark(): db.content()}
    for _ in range(10):
        for _ in range(dice.randrange(1, 5)):
            db.rows(random_statement(dice))
        moments[db.bookmark()] = db.content()
        if dice.random() < 0.5:
            bookmark = dice.choice(list(moments))
            previous, before = list(moments)[-1], db.content()
            told = db.restore(bookmark).result
            assert (told["bookmark"], told["previous_bookmark"]) == (bookmark, previous)
            assert db.content() == moments[bookmark]
            moments[db.bookmark()] = moments[bookmark]
            assert moments[told["previous_bookmark"]] == before
    for bookmark, content in moments.items():
        assert db.restore(bookmark).status == 200
        assert db.content() == content
    assert db.rows("INSERT INTO notes (notes) VALUES ('integrity-check')") == []
    assert list(moments) == sorted(moments)


def test_a_worker_s_writes_are_restored_and_seen_without_a_restart(
    edge: RunningEdge, db: Database, script: str
) -> None:
    form = edge.form(WRITER, bindings=[{"name": "DB", "type": "d1", "id": db.id}])
    assert edge.api("PUT", f"/workers/scripts/{script}", **form).status == 200
    edge.visit(script, "/?n=1")
    bookmark, content = db.bookmark(), db.content()
    assert [edge.visit(script, f"/?n={n}").json() for n in (2, 3)] == [2, 3]
    assert db.restore(bookmark).status == 200
    assert db.content() == content
    assert edge.visit(script, "/?n=4").json() == 2


def test_a_time_is_the_last_commit_at_it(db: Database) -> None:
    db.rows("INSERT INTO t (a) VALUES ('first')")
    at, bookmark = time.time(), db.bookmark()
    db.rows("INSERT INTO t (a) VALUES ('second')")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f"{at % 1:.6f}Z"[1:]
    assert db.bookmark(f"?timestamp={stamp}") == bookmark
    told = db.edge.api("POST", f"{db.path}/time_travel/restore?timestamp={stamp}").result
    assert told["bookmark"] == bookmark
    assert db.rows("SELECT a FROM t") == [{"a": "first"}]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?timestamp=2020-01-01T00:00:00Z", "the oldest moment that is kept"),
        ("?timestamp=2999-01-01T00:00:00Z", "in the future"),
        ("?timestamp=yesterday", "2026-01-31T12:00:00Z"),
        ("?bookmark=nonsense", "no bookmark"),
        (f"?bookmark=00000000-00000001-00000000-{'0' * 32}", "not of this database"),
        (f"?bookmark=00000000-0fffffff-00000000-{'0' * 32}", "not of this database"),
        ("", "either a bookmark or a timestamp"),
    ],
)
def test_a_moment_that_is_not_kept_is_refused(db: Database, query: str, told: str) -> None:
    before = db.content()
    answer = db.edge.api("POST", f"{db.path}/time_travel/restore{query}")
    assert (answer.status, answer.codes) == (400, [7400])
    assert told in answer.message
    assert db.content() == before


def test_a_bookmark_of_another_database_is_refused(edge: RunningEdge, db: Database, script: str) -> None:
    other = Database.created(edge, f"{script}-other")
    assert db.restore(other.bookmark()).codes == [7400]


def test_moments_amid_concurrent_writes_are_whole(edge: RunningEdge, db: Database, script: str) -> None:
    form = edge.form(WRITER, bindings=[{"name": "DB", "type": "d1", "id": db.id}])
    assert edge.api("PUT", f"/workers/scripts/{script}", **form).status == 200
    # Enough to empty SQLite's log and to begin segments several times meanwhile.
    large = "INSERT INTO t (a, b) VALUES ('large', randomblob(700000))"
    acts = [lambda: db.ask(large).status, lambda: edge.visit(script, "/?n=1").status_code] * 2
    statuses: list[int] = []
    threads = [threading.Thread(target=repeat, args=(act, 12, statuses)) for act in acts]
    for thread in threads:
        thread.start()
    bookmarks = []
    while any(thread.is_alive() for thread in threads):
        bookmarks.append(db.bookmark())
    assert statuses == [200] * 48
    bookmarks.append(db.bookmark())
    counts = []
    for bookmark in bookmarks[:: max(1, len(bookmarks) // 6)] + bookmarks[-1:]:
        assert db.restore(bookmark).status == 200
        assert db.rows("PRAGMA quick_check") == [{"quick_check": "ok"}]
        counts.append(db.rows("SELECT count(*) AS n FROM t")[0]["n"])
    assert counts == sorted(counts)
    assert counts[-1] == 48


def repeat(act: Callable[[], int], times: int, statuses: list[int]) -> None:
    """Do it again and again; what it answered is added to `statuses`."""
    statuses += (act() for _ in range(times))


def storage_process(edge: RunningEdge) -> int:
    """The process that keeps the databases, a child of the edge."""
    parent = edge.told["pid"]
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(int(pid) for pid in children if "databases.capnp" in Path(f"/proc/{pid}/cmdline").read_text())


def write_on(db: Database, stop: threading.Event, written: list[int]) -> None:
    """Insert row after row until told to stop; those that were answered are in `written`."""
    number = 0
    while not stop.is_set():
        number += 1
        answer = db.ask("INSERT INTO pairs VALUES (?, ?)", f"n{number}", number)
        if answer.status == 200:
            written.append(number)


def test_history_survives_the_death_of_the_storage_process_amid_writes(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    try:
        db = Database.created(edge, "killed")
        db.rows(SCHEMA)
        bookmark, content = db.bookmark(), db.content()
        stop, written = threading.Event(), list[int]()
        writer = threading.Thread(target=write_on, args=(db, stop, written))
        writer.start()
        for _ in range(3):
            time.sleep(0.5)
            os.kill(storage_process(edge), signal.SIGKILL)
        time.sleep(1)
        stop.set()
        writer.join()
        found = {row["v"] for row in db.rows("SELECT v FROM pairs")}
        assert set(written) <= found
        after, full = db.bookmark(), db.content()
        assert db.restore(bookmark).status == 200
        assert db.content() == content
        assert db.restore(after).status == 200
        assert db.content() == full
    finally:
        edge.stop()


@pytest.mark.parametrize("kind", ["stopped", "killed"])
def test_history_survives_a_restart_of_the_edge(tmp_path: Path, kind: str) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    try:
        db = Database.created(edge, "kept")
        db.rows(SCHEMA)
        moments = {}
        for number in range(3):
            db.rows(f"INSERT INTO t (a) VALUES ('row {number}')")
            moments[db.bookmark()] = db.content()
        last = db.bookmark()
        if kind == "killed":
            edge.http.close()
            os.kill(edge.told["pid"], signal.SIGKILL)
            time.sleep(0.5)
        else:
            edge.stop()
        edge = RunningEdge(tmp_path / "edge").start()
        db = Database(edge, db.id)
        assert db.bookmark() == last
        for bookmark, content in reversed(moments.items()):
            assert db.restore(bookmark).status == 200
            assert db.content() == content
    finally:
        edge.stop()
