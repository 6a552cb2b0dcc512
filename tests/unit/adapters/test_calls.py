from __future__ import annotations

from headgate.adapters.calls import MemoryCallLog


def test_lines_are_taken_once() -> None:
    log = MemoryCallLog()
    log.note("one")
    log.note("two")
    assert log.take() == ["one", "two"]
    assert log.take() == []


def test_what_was_not_kept_is_told() -> None:
    log = MemoryCallLog(most=2)
    for line in "abcd":
        log.note(line)
    assert log.take() == ["(2 earlier lines were not kept)", "c", "d"]
    log.note("e")
    assert log.take() == ["e"]
