from __future__ import annotations

import re
from datetime import UTC

from headgate.adapters.clock import SystemClock, TimedIds
from tests.fakes.fixed_clock import FixedClock


def test_the_clock_goes_on() -> None:
    clock = SystemClock()
    before, at = clock.monotonic(), clock.now()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01
    assert at.tzinfo is UTC


def test_ids_tell_the_second_and_differ_within_it() -> None:
    clock = FixedClock()
    ids = [TimedIds(clock).change_id() for _ in range(50)]
    assert all(re.fullmatch(r"20260314-092653-[0-9a-z]{4}", name) for name in ids)
    assert len(set(ids)) > 45


def test_later_ids_sort_after_earlier_ones() -> None:
    clock = FixedClock()
    names = []
    for _ in range(5):
        names.append(TimedIds(clock).change_id())
        clock.advance(3601)
    assert names == sorted(names)
