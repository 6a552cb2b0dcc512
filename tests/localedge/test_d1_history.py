"""The files that a D1 database's history is made of, and SQL parted into statements."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from localedge.d1 import timeline as timeline_module
from localedge.d1.bookmarks import bookmark, number_of
from localedge.d1.segments import CHUNK_PAGES, HistoryDamaged, Segment
from localedge.d1.statements import statements
from localedge.d1.timeline import Timeline
from localedge.d1.wal import PAGE_BYTES, Position

if TYPE_CHECKING:
    from pathlib import Path

AT = Position(b"saltsalt", 7)


def page(fill: int) -> bytes:
    return bytes([fill]) * PAGE_BYTES


def written(segment: Segment, number: int, folder: Path) -> bytes:
    """The whole database after a commit."""
    target = folder / "database"
    segment.write_database(number, target)
    return target.read_bytes()


def test_a_segment_tells_the_database_after_each_commit(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "5.segment")
    many = [(number, page(number % 250)) for number in range(1, CHUNK_PAGES + 10)]
    segment.append(many, size_pages=len(many), time_us=10, position=Position(None, 0))
    segment.append([(2, page(251))], size_pages=3, time_us=20, position=AT)
    segment.note_emptied()
    segment.append([(4, page(252))], size_pages=4, time_us=30, position=AT)
    for one in (segment, Segment.opened(segment.path)):
        assert (one.first, one.last, one.position) == (5, 7, AT)
        assert written(one, 5, tmp_path) == b"".join(content for _, content in many)
        assert written(one, 6, tmp_path) == page(1) + page(251) + page(3)
        assert written(one, 7, tmp_path) == page(1) + page(251) + page(3) + page(252)
        assert [one.number_at(time) for time in (9, 10, 29, 99)] == [None, 5, 6, 7]


@pytest.mark.parametrize("lost", [1, 40, 4000])
def test_a_commit_that_was_half_written_is_cut_off(tmp_path: Path, lost: int) -> None:
    segment = Segment(tmp_path / "1.segment")
    segment.append([(1, page(1))], size_pages=1, time_us=1, position=Position(None, 0))
    whole = segment.bytes
    segment.append([(1, os.urandom(PAGE_BYTES))], size_pages=1, time_us=2, position=AT)
    with segment.path.open("r+b") as file:
        file.truncate(segment.bytes - lost)
    again = Segment.opened(segment.path)
    assert (again.last, again.bytes, segment.path.stat().st_size) == (1, whole, whole)
    again.append([(1, page(3))], size_pages=1, time_us=3, position=AT)
    assert written(Segment.opened(segment.path), 2, tmp_path) == page(3)


def test_a_damaged_segment_is_not_restored_from(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "1.segment")
    segment.append([(1, os.urandom(PAGE_BYTES))], size_pages=1, time_us=1, position=AT)
    with segment.path.open("r+b") as file:
        file.seek(-10, os.SEEK_END)
        file.write(b"damaged!")
    with pytest.raises(HistoryDamaged):
        written(segment, 1, tmp_path)


def test_the_oldest_segments_go_when_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_module, "KEPT_BYTES", 20_000)
    timeline = Timeline(tmp_path)
    for _ in range(8):
        timeline.begin_segment([(1, os.urandom(PAGE_BYTES))], 1)
    assert timeline.oldest > 1
    assert sum(path.stat().st_size for path in tmp_path.glob("*.segment")) <= 20_000
    assert timeline.segment_of(1) is None
    assert timeline.number_at(0) is None
    again = Timeline(tmp_path)
    assert (again.oldest, again.newest.last) == (timeline.oldest, 8)


def test_segments_go_when_all_their_commits_are_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = Timeline(tmp_path)
    for _ in range(3):
        timeline.begin_segment([(1, page(1))], 1)
    monkeypatch.setattr(timeline_module, "KEPT_US", -1_000_000)
    timeline.begin_segment([(1, page(1))], 1)
    assert [segment.first for segment in timeline.segments] == [4]


def test_bookmarks_sort_as_commits_do_and_are_of_one_database() -> None:
    texts = [bookmark("db", number, 1_000_000) for number in (1, 9, 10, 2**32, 2**40)]
    assert texts == sorted(texts)
    assert [number_of(text) for text in texts] == [1, 9, 10, 2**32, 2**40]
    assert bookmark("other", 1, 1_000_000) != texts[0]
    assert number_of("00000001") is None


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT 1; SELECT 2", 2),
        (" ;; -- only; comments\n/* ; */", 0),
        ("SELECT ';', \"a;b\", [c;d], `e;f`, 'it''s;' FROM t; SELECT 2;", 2),
        (
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 2; END; SELECT",
            2,
        ),
        ("create temp trigger a after insert on t begin select 1; end", 1),
        ("CREATE TABLE end (trigger); SELECT 1;", 2),
    ],
)
def test_statements_are_parted_as_sqlite_does(sql: str, parts: int) -> None:
    found = list(statements(sql))
    assert len(found) == parts
    assert all(sqlite3.complete_statement(one.rstrip(";") + ";") for one in found)
