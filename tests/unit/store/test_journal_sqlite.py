"""What only the journal on SQLite has to stand: damage, full disks, other processes, kills."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.adapters.store.journal_sqlite import SqliteJournal
from headgate.domain.errors import JournalBroken, JournalError
from headgate.domain.journal import BY_HAND, Draft, Event, verify
from tests.fakes.fixed_clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOP = "shop/production"
ROOT = Path(__file__).parents[3]
COLUMNS = ("at", "event", "change_id", "subject", "actor", "data", "previous", "hash")


def draft(n: int = 0) -> Draft:
    data = {"step": f"s{n}", "facts": {"id": n}, "seconds": 0.25, "verified": "200"}
    return Draft(Event.STEP_DONE, "c1", SHOP, "ci:build", data)


@pytest.fixture(name="path")
def a_path(tmp_path: Path) -> Path:
    return tmp_path / ".headgate" / "journal.sqlite"


@pytest.fixture(name="journal")
def a_journal(path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(path, FixedClock()) as journal:
        yield journal


def tampered(path: Path, statement: str, *values: object) -> None:
    """Do what somebody with the file in hand can do: take the triggers away, then write."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER IF EXISTS entries_are_not_changed")
        db.execute("DROP TRIGGER IF EXISTS entries_are_not_removed")
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(statement, values)
        db.commit()


def test_the_file_refuses_to_change_or_remove_an_entry(journal: SqliteJournal, path: Path) -> None:
    journal.append(draft())
    with closing(sqlite3.connect(path)) as db:
        for statement in ("UPDATE entries SET actor = 'x'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_of_any_character_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    with SqliteJournal(path, FixedClock()) as journal:
        journal.append(*(draft(n) for n in range(3)))
        seq, column = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(COLUMNS))
        with closing(sqlite3.connect(path)) as db:
            db.row_factory = sqlite3.Row
            text = db.execute("SELECT * FROM entries WHERE seq = ?", (seq,)).fetchone()[column]
        place = data.draw(st.integers(0, len(text)))
        kept = data.draw(st.sampled_from([text[place:], text[place + 1 :]]))
        edited = text[:place] + data.draw(st.characters(exclude_categories=["Cs"])) + kept
        if edited == text:
            return
        tampered(path, f"UPDATE entries SET {column} = ? WHERE seq = ?", edited, seq)  # noqa: S608
        with pytest.raises(JournalBroken):
            verify(journal.everything())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "UPDATE entries SET seq = 9 WHERE seq = 3",
        "UPDATE entries SET seq = -1 WHERE seq = 1",
        "UPDATE entries SET data = 5 WHERE seq = 2",
        "UPDATE entries SET data = x'00ff' WHERE seq = 2",
        "UPDATE entries SET data = replace(data, ':0.25', ': 0.25') WHERE seq = 2",
        "UPDATE entries SET actor = x'ff' WHERE seq = 2",
        "UPDATE entries SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2",
        (
            "INSERT INTO entries SELECT 4, at, event, change_id, subject, actor, data, previous, hash"
            " FROM entries WHERE seq = 3"
        ),
    ],
)
def test_entries_removed_moved_added_or_turned_into_something_else_are_found(
    journal: SqliteJournal, path: Path, statement: str
) -> None:
    journal.append(*(draft(n) for n in range(3)))
    tampered(path, statement)
    with pytest.raises(JournalBroken) as caught:
        verify(journal.everything())
    assert caught.value.remedy.endswith(BY_HAND)


def test_what_is_asked_often_is_found_by_an_index(journal: SqliteJournal, path: Path) -> None:
    queries = {
        "SELECT * FROM entries WHERE subject = ? AND event = ? ORDER BY seq DESC LIMIT 1": (
            SHOP,
            "version.good",
        ),
        "SELECT * FROM entries WHERE event = ? ORDER BY seq DESC LIMIT 20": ("version.good",),
        "SELECT * FROM entries WHERE change_id = ? AND seq > ? ORDER BY seq LIMIT 10": ("c1", 3),
    }
    with closing(sqlite3.connect(path)) as db:
        for query, values in queries.items():
            plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", values))
            assert "USING INDEX entries_by_" in plan
            assert "TEMP B-TREE" not in plan


def test_an_open_journal_file_opens_in_less_than_5_ms(journal: SqliteJournal, path: Path) -> None:
    journal.append(*(draft(n) for n in range(200)))

    def seconds_to_open() -> float:
        begun = time.perf_counter()
        with SqliteJournal(path, FixedClock()):
            return time.perf_counter() - begun

    assert min(seconds_to_open() for _ in range(10)) < 0.005


def write_in_process(path: Path, change_id: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.unit.store.journal_writer", str(path), change_id, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_several_processes_at_once_leave_one_unbroken_chain(path: Path) -> None:
    writers = [write_in_process(path, f"c{n}", 40) for n in range(4)]
    for writer in writers:
        with writer:
            writer.communicate(timeout=60)
            assert writer.returncode == 0
    with SqliteJournal(path, FixedClock()) as journal:
        assert verify(journal.everything()) == 4 * 40 * 2
        for n in range(4):
            told = [entry.data["n"] for entry in journal.of_change(f"c{n}")]
            assert told == [number for number in range(40) for _ in range(2)]


@pytest.mark.parametrize("entries_before_the_kill", [1, 7, 30])
def test_a_killed_writer_leaves_a_sound_journal_with_all_it_was_told_is_written(
    path: Path, entries_before_the_kill: int
) -> None:
    with write_in_process(path, "c1", 1_000_000) as writer:
        assert writer.stdout is not None
        confirmed = [int(writer.stdout.readline()) for _ in range(entries_before_the_kill)]
        os.kill(writer.pid, signal.SIGKILL)
    with SqliteJournal(path, FixedClock()) as journal:
        count = verify(journal.everything())
        assert count >= confirmed[-1]
        assert count % 2 == 0, "an append of two entries is there whole or not at all"
        journal.append(draft())
        assert verify(journal.everything()) == count + 1


def test_a_full_file_system_is_told_and_loses_nothing(journal: SqliteJournal) -> None:
    journal.append(draft())
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="disk is full") as caught:
        journal.append(*(draft(n) for n in range(1000)))
    assert "Make room" in caught.value.remedy
    assert caught.value.remedy.endswith(BY_HAND)
    journal._db.execute("PRAGMA max_page_count = 1000000")
    sound = verify(journal.everything())
    journal.append(draft())
    assert verify(journal.everything()) == sound + 1


def test_a_disk_that_takes_no_more_is_told_by_its_error(path: Path) -> None:
    with write_in_process(path, "limited", 100_000) as writer:
        out, _ = writer.communicate(timeout=60)
    assert b"JournalError: The disk answered with an error" in out
    with SqliteJournal(path, FixedClock()) as journal:
        assert verify(journal.everything()) > 0


def test_a_journal_that_another_program_holds_is_told(path: Path) -> None:
    with SqliteJournal(path, FixedClock(), busy_timeout_seconds=0.05) as journal:
        journal.append(draft())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert journal.of_change("c1"), "who reads does not wait for who writes"
            with pytest.raises(JournalError, match="holds the journal locked"):
                journal.append(draft())
        assert journal.append(draft())[0].seq == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(JournalError, match="folder cannot be made") as caught:
            SqliteJournal(tmp_path / ".headgate" / "journal.sqlite", FixedClock())
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.where == str(tmp_path / ".headgate")


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / ".headgate").write_text("")
    with pytest.raises(JournalError, match="folder cannot be made") as caught:
        SqliteJournal(tmp_path / ".headgate" / "journal.sqlite", FixedClock())
    assert caught.value.remedy.endswith(BY_HAND)


def test_a_folder_where_the_file_should_be_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal(path, FixedClock())


def test_a_file_that_is_no_database_is_told_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("this is not SQLite " * 100)
    with pytest.raises(JournalBroken, match="damaged or is no journal") as caught:
        SqliteJournal(path, FixedClock())
    assert caught.value.where == str(path)
    assert caught.value.remedy.endswith(BY_HAND)
    assert path.read_text().startswith("this is not SQLite")


def test_a_file_with_garbage_in_its_middle_is_told(path: Path) -> None:
    with SqliteJournal(path, FixedClock()) as journal:
        journal.append(*(draft(n) for n in range(200)))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with SqliteJournal(path, FixedClock()) as journal, pytest.raises(JournalError):
        verify(journal.everything())


def test_a_journal_of_a_newer_headgate_is_left_alone(path: Path) -> None:
    SqliteJournal(path, FixedClock()).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="form 99"):
        SqliteJournal(path, FixedClock())


def test_a_name_that_is_no_text_is_refused(journal: SqliteJournal) -> None:
    with pytest.raises(JournalError, match="takes text only"):
        journal.append(Draft(Event.CHANGE_GATED, "c1", SHOP, "person:\udcff"))
    assert verify(journal.everything()) == 0


def test_entries_are_safe_on_the_disk_before_append_returns(journal: SqliteJournal) -> None:
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
