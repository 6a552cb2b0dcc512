"""A decision that is judged again, from the journal's readings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import NotFound
from headgate.domain.journal import Event
from headgate.domain.looks.explaining import explained
from headgate.domain.record import record_of
from tests.unit.changes.stage import PRODUCTION
from tests.unit.looks.canary import bad, carried, entries_of, good
from tests.unit.report import stories

if TYPE_CHECKING:
    from collections.abc import Callable

    from headgate.domain.record import ChangeRecord
    from tests.unit.changes.stage import Shop


@pytest.mark.parametrize("release", [bad, good])
def test_the_judge_says_the_same_again(release: Callable[[], tuple[Shop, ChangeRecord]]) -> None:
    _, record = release()
    found = explained(record)
    assert len(found) == len(record.samples)
    assert [one.answer for one in found] == [sample["answer"] for sample in record.samples]
    assert [one.why for one in found] == [sample["why"] for sample in record.samples]
    assert not any(one.difference or one.overruled for one in found)


@pytest.mark.parametrize(
    ("key", "wrong", "told"),
    [("answer", "promote", "the judge answers rollback, the journal has promote"), ("evidence", [], "other")],
)
def test_another_answer_is_seen(key: str, wrong: object, told: str) -> None:
    shop, record = bad()
    *before, last = [entry for entry in entries_of(shop, record) if entry.event is Event.WATCH_SAMPLED]
    entries = [
        replace(entry, data={**entry.data, key: wrong}) if entry is last else entry
        for entry in entries_of(shop, record)
    ]
    found = explained(record_of(entries))
    assert [bool(one.difference) for one in found] == [False] * len(before) + [True]
    assert told in found[-1].difference


def test_another_reading_is_seen() -> None:
    shop, record = bad()
    new = record.watch["new_version"]
    entries = []
    for entry in entries_of(shop, record):
        data = dict(entry.data)
        if entry.event is Event.WATCH_SAMPLED and data["reading"]:
            counters = data["reading"]["counters"]
            counted = {**counters, new: {**counters[new], "errors": 0}}
            data["reading"] = {**data["reading"], "counters": counted}
        entries.append(replace(entry, data=data))
    assert "the evidence of errors is" in explained(record_of(entries))[-1].difference


def test_what_somebody_else_deployed_was_not_the_judges_to_weigh() -> None:
    def deploy(record: ChangeRecord) -> bool:
        return len(record.samples) == 3

    shop, record = carried(deploy)
    theirs = shop.platform.upload_version(
        PRODUCTION, shop.works.tools.artifacts.load("key"), message="", tag=""
    )
    shop.platform.deploy_behind_the_back(PRODUCTION, {theirs.id: 100.0})
    from headgate.engine.mover import Mover

    mover = Mover(shop.works, record.change.id)
    mover.move()
    mover.move()
    found = explained(shop.record(record.change.id))
    assert found[-1].overruled
    assert not found[-1].difference


def test_what_was_not_watched_or_is_too_old_says_so() -> None:
    with pytest.raises(NotFound, match="not watched"):
        explained(record_of(stories.staged(stories.release()).entries))
    with pytest.raises(NotFound, match="older Headgate"):
        explained(record_of(stories.released().entries))
