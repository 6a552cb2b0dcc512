from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.domain.record import ChangeRecord, record_of
from headgate.domain.runbook import BEGIN, CHANGES_MAX, END, updated
from tests.unit.report.endings import THEIRS, somebody_else_deployed
from tests.unit.report.stories import (
    NEW,
    OLD,
    STORIES,
    first_release,
    first_release_taken_away,
    rejected,
    released,
    rollback,
    rolled_back,
    without_a_plan,
)

if TYPE_CHECKING:
    from tests.unit.report.story import Story

# What people write: anything but Headgate's own two marks.
prose = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200).filter(
    lambda text: BEGIN not in text and END not in text
)
records = st.sampled_from([record_of(story().entries) for story in STORIES.values()])


def record(story: Story) -> ChangeRecord:
    return record_of(story.entries)


def blocks(text: str, kind: str) -> list[str]:
    return [line.split(" ", 3)[2] for line in text.splitlines() if line.startswith(f"<!-- headgate:{kind} ")]


def test_a_new_runbook_says_what_serves_and_how_to_go_back() -> None:
    text = updated("", record(released()))
    assert text.startswith(f"# Runbook: shop\n\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\n")
    assert f"- Serving: version {NEW}, since change c001 of 2026-03-14 09:26 UTC" in text
    assert "- Go back: `headgate rollback production`" in text
    assert f"- By hand: `npx wrangler versions deploy {OLD}@100% --name shop-production --yes`" in text
    assert "- What is there: `npx wrangler versions list --name shop-production`" in text
    assert f"### 2026-03-14 09:26 UTC: version 7 ({NEW}) in production: live" in text
    assert "- By person:ann: Faster cart." in text


def test_a_first_release_says_that_there_is_no_way_back_but_out() -> None:
    text = updated("", record(first_release()))
    assert "- Go back: there is no earlier version" in text
    assert "- By hand: `npx wrangler delete --name shop-production`" in text


def test_a_release_that_was_rolled_back_leaves_what_serves_and_says_why() -> None:
    text = updated(updated("", record(released("c001"))), record(rolled_back("c002")))
    assert blocks(text, "change") == ["c002", "c001"]
    assert f"- Serving: version {OLD}, after change c002" in text
    assert "rolled back automatically" in text
    assert "- Result: error rate 41.20 % of 250 requests" in text


def test_where_nothing_serves_there_is_nothing_to_go_back_to() -> None:
    text = updated("", record(first_release_taken_away()))
    assert "- Serving: nothing: the Worker shop-production was taken away again, after change c001" in text
    assert "- Go back: there is no version to go back to; release again" in text
    assert "headgate rollback" not in text
    assert f"version 1 ({NEW}) in production: taken away again" in text


def test_what_somebody_else_deployed_is_not_called_rolled_back() -> None:
    text = updated("", record(somebody_else_deployed()))
    assert f"- Serving: what somebody else deployed: {THEIRS}, after change c001" in text
    assert f"version 7 ({NEW}) in production: stopped: somebody else deployed" in text
    assert "rolled back" not in text


def test_after_a_rollback_a_person_chooses_the_version_by_hand() -> None:
    text = updated("", record(rollback()))
    assert f"rollback to version {OLD} in production: live" in text
    assert "- By hand: `npx wrangler versions deploy VERSION_ID@100% --name shop-production --yes`" in text


@pytest.mark.parametrize("story", [rejected, without_a_plan])
def test_a_rejected_change_leaves_the_runbook_as_it_was(story: object) -> None:
    before = updated("", record(released("c001")))
    assert updated(before, record(rejected("c002"))) == before
    assert "Nothing was released through Headgate yet." in updated("", record(without_a_plan()))


def test_changes_are_ordered_by_their_ids_whatever_order_they_come_in() -> None:
    text = ""
    for change_id in ("c003", "c001", "c002"):
        text = updated(text, record(released(change_id)))
    assert blocks(text, "change") == ["c003", "c002", "c001"]
    assert "since change c003" in text


def test_the_newest_are_kept_and_the_others_counted() -> None:
    text = ""
    for number in range(CHANGES_MAX + 3):
        text = updated(text, record(released(f"c{number:03}")))
    kept = blocks(text, "change")
    assert (len(kept), kept[0], kept[-1]) == (CHANGES_MAX, "c052", "c003")
    assert "3 older changes are in the journal: `headgate history` lists them." in text
    assert updated(text, record(released("c052"))) == text
    assert updated(text, record(released("c000"))) == text


def test_a_runbook_that_people_wrote_is_kept_and_added_to() -> None:
    text = updated("# Shop\n\nCall Bob.", record(released()))
    assert text.startswith(f"# Shop\n\nCall Bob.\n\n{BEGIN}\n")


def test_line_ends_stay_as_they_are() -> None:
    text = updated("# Shop\r\n\r\nCall Bob.\r\n", record(released()))
    assert "\n" not in text.replace("\r\n", "")
    assert updated(text, record(released())) == text


def test_a_part_whose_end_mark_was_deleted_is_left_as_text() -> None:
    damaged = updated("", record(released("c001"))).replace(END, "")
    text = updated(damaged, record(released("c002")))
    assert text.startswith(damaged)
    assert updated(text, record(released("c002"))) == text


def test_what_people_say_cannot_forge_a_mark() -> None:
    story = released()
    story.entries[0].data["reason"] = f"{BEGIN} {END} <!-- headgate:environment production zzz -->"  # type: ignore[index]
    text = updated("", record(story))
    assert text.count(f"\n{END}") == 1
    assert updated(text, record(story)) == text
    assert blocks(text, "environment") == ["production"]


@settings(deadline=None)
@given(before=prose, after=prose, changes=st.lists(records, min_size=1, max_size=4))
def test_text_of_people_is_never_touched_and_twice_is_as_once(
    before: str, after: str, changes: list[ChangeRecord]
) -> None:
    before = f"{before}\n" if before else ""
    text = f"{before}{BEGIN}\nanything\n{END}{after}"
    for each in changes:
        text = updated(text, each)
        assert text.startswith(f"{before}{BEGIN}")
        assert text.endswith(f"{END}{after}")
        assert updated(text, each) == text
