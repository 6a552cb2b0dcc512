"""What every Journal promises: the one on SQLite and the fake in memory alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.adapters.store.journal_sqlite import SqliteJournal
from headgate.domain.journal import GENESIS, Draft, Event, verify
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from headgate.ports import Journal

Make = Callable[[], "Journal"]

SHOP = "shop/production"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
drafts = st.builds(
    Draft,
    event=st.sampled_from(Event),
    change_id=st.sampled_from(["c1", "c2", "c3"]),
    subject=st.sampled_from([SHOP, "shop/staging", "cart/production"]),
    actor=st.text(),
    data=st.dictionaries(st.text(), json_values, max_size=4),
)


@pytest.fixture(name="clock")
def a_clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(name="make", params=["sqlite", "memory"])
def a_way_to_make_one(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, clock: FixedClock
) -> Iterator[Make]:
    opened: list[SqliteJournal] = []

    def sqlite() -> Journal:
        opened.append(SqliteJournal(Path(tmp_path_factory.mktemp("journal")) / "journal.sqlite", clock))
        return opened[-1]

    yield sqlite if request.param == "sqlite" else lambda: MemoryJournal(clock)
    for journal in opened:
        journal.close()


@pytest.fixture(name="journal")
def a_journal(make: Make) -> Journal:
    return make()


def draft(event: Event, change_id: str = "c1", subject: str = SHOP, **data: object) -> Draft:
    return Draft(event, change_id, subject, "person:ann", data)


def test_an_empty_journal_holds_and_knows_nothing(journal: Journal) -> None:
    assert verify(journal.everything()) == 0
    assert journal.of_change("c1") == ()
    assert journal.last(SHOP, Event.VERSION_GOOD) is None
    assert journal.recent("", Event.VERSION_GOOD) == ()
    assert journal.open_changes() == ()


def test_an_entry_is_read_back_as_it_was_written(journal: Journal) -> None:
    (written,) = journal.append(draft(Event.STEP_DONE, calls=("GET /", "PUT /"), seconds=0.5, name="ü ✅"))
    assert journal.of_change("c1") == (written,)
    assert (written.seq, written.previous) == (1, GENESIS)
    assert written.data == {"calls": ["GET /", "PUT /"], "seconds": 0.5, "name": "ü ✅"}


def test_appending_nothing_writes_nothing(journal: Journal) -> None:
    assert journal.append() == ()
    assert verify(journal.everything()) == 0


def test_what_was_given_cannot_change_the_entry_later(journal: Journal) -> None:
    calls = ["GET /"]
    journal.append(draft(Event.STEP_DONE, calls=calls))
    calls.append("DELETE /")
    assert journal.of_change("c1")[0].data == {"calls": ["GET /"]}


def test_entries_carry_the_time_in_utc_with_milliseconds(journal: Journal) -> None:
    (entry,) = journal.append(draft(Event.CHANGE_GATED))
    assert entry.at == "2026-03-14T09:26:53.589Z"


def test_time_never_goes_back_within_a_journal(journal: Journal, clock: FixedClock) -> None:
    (first,) = journal.append(draft(Event.CHANGE_GATED))
    clock.set_back(60)
    (second,) = journal.append(draft(Event.CHANGE_APPROVED))
    clock.advance(61)
    (third,) = journal.append(draft(Event.CHANGE_RUNNING))
    assert first.at == second.at < third.at


def test_several_drafts_are_written_in_their_order(journal: Journal) -> None:
    entries = journal.append(*(draft(Event.STEP_STARTED, step=str(n)) for n in range(5)))
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.data["step"] for entry in journal.of_change("c1")] == list("01234")


def test_a_draft_that_is_no_json_leaves_the_journal_as_it_was(journal: Journal) -> None:
    journal.append(draft(Event.CHANGE_GATED))
    with pytest.raises(ValueError, match="JSON"):
        journal.append(draft(Event.CHANGE_RUNNING), draft(Event.STEP_DONE, seconds=float("nan")))
    assert verify(journal.everything()) == 1


def test_after_gives_what_is_new_of_one_change_up_to_the_limit(journal: Journal) -> None:
    for n in range(4):
        journal.append(draft(Event.WATCH_SAMPLED, n=n), draft(Event.WATCH_SAMPLED, "c2", n=n))
    assert [entry.seq for entry in journal.after(3, change_id="c1")] == [5, 7]
    assert [entry.seq for entry in journal.after(0, change_id="c1", limit=2)] == [1, 3]
    assert journal.after(7, change_id="c1") == ()


def test_last_is_the_newest_of_an_event_about_a_subject(journal: Journal) -> None:
    journal.append(draft(Event.VERSION_GOOD, "c1", version_id="v1"))
    journal.append(draft(Event.VERSION_GOOD, "c2", version_id="v2"))
    journal.append(draft(Event.VERSION_GOOD, "c3", "shop/staging", version_id="v3"))
    journal.append(draft(Event.CHANGE_GATED, "c4"))
    found = journal.last(SHOP, Event.VERSION_GOOD)
    assert found is not None
    assert found.data["version_id"] == "v2"


def test_recent_is_newest_first_and_for_every_subject_if_none_is_named(journal: Journal) -> None:
    for n, subject in enumerate([SHOP, "cart/production", SHOP]):
        journal.append(draft(Event.CHANGE_PROPOSED, f"c{n}", subject), draft(Event.CHANGE_GATED, f"c{n}"))
    assert [e.change_id for e in journal.recent(SHOP, Event.CHANGE_PROPOSED)] == ["c2", "c0"]
    assert [e.change_id for e in journal.recent("", Event.CHANGE_PROPOSED)] == ["c2", "c1", "c0"]
    assert [e.change_id for e in journal.recent("", "change.proposed", limit=1)] == ["c2"]


def test_open_changes_are_those_proposed_and_not_closed_oldest_first(journal: Journal) -> None:
    for change_id in ("c2", "c1", "c3"):
        journal.append(draft(Event.CHANGE_PROPOSED, change_id), draft(Event.CHANGE_REJECTED, change_id))
    journal.append(draft(Event.CHANGE_CLOSED, "c1"))
    assert journal.open_changes() == ("c2", "c3")


def test_a_long_journal_is_walked_whole(journal: Journal) -> None:
    journal.append(*(draft(Event.WATCH_SAMPLED, n=n) for n in range(1203)))
    assert verify(journal.everything()) == 1203


# One journal takes the appends of all examples: the chain only gets longer.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(drafts, max_size=3), max_size=4))
def test_any_appends_verify_and_are_read_back_equal(journal: Journal, batches: list[list[Draft]]) -> None:
    written = [entry for batch in batches for entry in journal.append(*batch)]
    everything = list(journal.everything())
    assert everything[len(everything) - len(written) :] == written
    assert verify(everything) == len(everything)
    changes = {entry.change_id for entry in everything}
    assert sorted(e.seq for c in changes for e in journal.of_change(c)) == [e.seq for e in everything]
