"""Repeated rollbacks reach further back, and never go to and fro."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.journal import GENESIS, Draft, Entry, Event, seal
from headgate.domain.known_good import last_known_good


def _entries(*said: tuple[Event, str]) -> list[Entry]:
    drafts = [
        Draft(event, "c", "shop/production", "headgate:headgate", {"version_id": v}) for event, v in said
    ]
    return [seal(d, seq=n, at="2026-01-01T00:00:00Z", previous=GENESIS) for n, d in enumerate(drafts, 1)]


def test_the_newest_good_version_is_found() -> None:
    assert last_known_good(_entries((Event.VERSION_GOOD, "v1"), (Event.VERSION_GOOD, "v2"))) == "v2"


def test_there_may_be_none() -> None:
    assert last_known_good([]) == ""
    assert last_known_good(_entries((Event.VERSION_GOOD, "v1")), other_than="v1") == ""


def test_a_version_found_bad_after_is_not_good_any_more() -> None:
    entries = _entries((Event.VERSION_GOOD, "v1"), (Event.VERSION_GOOD, "v2"), (Event.VERSION_BAD, "v2"))
    assert last_known_good(entries) == "v1"


def test_a_version_that_was_adopted_counts_as_good() -> None:
    entries = _entries((Event.VERSION_ADOPTED, "before"), (Event.VERSION_GOOD, "v1"))
    assert last_known_good(entries) == "v1"
    assert last_known_good(entries, other_than="v1") == "before"


def test_rolling_back_twice_goes_further_back_and_not_forth_again() -> None:
    said = [(Event.VERSION_GOOD, "v1"), (Event.VERSION_GOOD, "v2"), (Event.VERSION_GOOD, "v3")]
    reached = []
    serving = "v3"
    for _ in range(2):
        to = last_known_good(_entries(*said), other_than=serving)
        said += [(Event.VERSION_GOOD, to), (Event.VERSION_BAD, serving)]
        reached.append(to)
        serving = to
    assert reached == ["v2", "v1"]
    assert last_known_good(_entries(*said), other_than=serving) == ""


@given(st.integers(min_value=1, max_value=8))
def test_rollbacks_always_end(releases: int) -> None:
    said = [(Event.VERSION_GOOD, f"v{n}") for n in range(releases)]
    serving, count = f"v{releases - 1}", 0
    while to := last_known_good(_entries(*said), other_than=serving):
        said += [(Event.VERSION_GOOD, to), (Event.VERSION_BAD, serving)]
        serving, count = to, count + 1
        assert count < releases
    assert serving == "v0"
