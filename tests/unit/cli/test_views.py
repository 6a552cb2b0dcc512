"""The views: at every moment of every change, and the smaller ones by example."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headgate.app.doctor import Diagnosis
from headgate.app.overview import EnvironmentStatus
from headgate.domain.change import Target
from headgate.domain.journal import Event
from headgate.domain.record import record_of
from headgate.domain.traffic import Deployment
from headgate.entrypoints.cli.showing import Told
from headgate.entrypoints.cli.views import words
from headgate.entrypoints.cli.views.as_json import change_as_json, entry_as_json, status_as_json
from headgate.entrypoints.cli.views.doctor import doctor
from headgate.entrypoints.cli.views.entries import entry_lines
from headgate.entrypoints.cli.views.history import history
from headgate.entrypoints.cli.views.ink import Ink
from headgate.entrypoints.cli.views.reading import split_now
from headgate.entrypoints.cli.views.status import status
from headgate.entrypoints.cli.views.table import cut, table
from tests.unit.cli.drawing import after, concluded, drawn, told
from tests.unit.cli.terminal import context_for
from tests.unit.report import stories
from tests.unit.report.stories import NEW, OLD, STORIES
from tests.unit.report.story import Story

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PLAIN = Ink()


@pytest.mark.parametrize("name", STORIES)
def test_every_moment_of_every_change_can_be_drawn_in_every_width(name: str) -> None:
    entries = STORIES[name]().entries
    for count in range(1, len(entries) + 1):
        record = record_of(entries[:count])
        for width in (40, 80, 200):
            lines = drawn(record, width=width).splitlines()
            assert all(len(line) <= width for line in lines)
            assert len(lines) <= 40
        assert told(entries[:count])
        assert concluded(entries[:count])
        json.dumps(change_as_json(record))


def test_a_running_step_turns_and_counts() -> None:
    story = stories.released()
    started = [entry for entry in story.entries if entry.event is Event.STEP_STARTED][4]
    record = record_of(story.entries[: started.seq])

    one, other = (drawn(record, now=after(record, seconds)) for seconds in (1.0, 12.2))

    assert "bring the new version in reach at 0 % in production  1.0 s" in one
    assert "bring the new version in reach at 0 % in production  12 s" in other
    assert one.splitlines()[10] != other.splitlines()[10]


def test_the_watch_has_a_bar_that_fills() -> None:
    story = stories.released()
    sampled = next(entry for entry in story.entries if entry.event is Event.WATCH_SAMPLED)
    record = record_of(story.entries[: sampled.seq])

    started = datetime.fromisoformat(record.watch_started_at)

    halfway = drawn(record, now=started + timedelta(seconds=30))
    late = drawn(record, now=after(record, 999))

    assert "30 s of 1 min" in halfway
    assert "1 min of 1 min" in late
    assert "healthy for 5 of 60 s" in halfway


def test_text_of_users_is_never_taken_for_markup() -> None:
    record = record_of(Story(stories.release(reason="[red]x[/] [/nonsense]")).entries)

    assert "[red]x[/] [/nonsense]" in drawn(record)


def test_calls_are_told_when_asked_for() -> None:
    entries = stories.released().entries

    assert "POST /accounts" not in told(entries)
    assert f"          {stories.DEPLOY}" in told(entries, calls=True)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("released", {NEW: 100.0, OLD: 0.0}),
        ("rolled_back", {OLD: 100.0}),
        ("rollback", {OLD: 100.0}),
        ("rejected", {OLD: 100.0}),
        ("interrupted", {OLD: 100.0}),
        ("first_release", {NEW: 100.0}),
        ("first_release_taken_away", {}),
        ("foreign_change", {}),
        ("without_a_plan", {}),
    ],
)
def test_the_split_is_what_the_last_step_set(name: str, split: dict[str, float]) -> None:
    assert split_now(record_of(STORIES[name]().entries)) == split


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (42.4, "42 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (7200, "2 h"),
        (7440, "2 h 4 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s ago"), (125, "2 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")]
)
def test_ages(seconds: float, text: str) -> None:
    assert words.age("2026-03-14T12:00:00Z", NOW + timedelta(seconds=seconds)) == text


def test_times_without_a_zone_are_utc_and_nonsense_is_shown_as_it_is() -> None:
    assert (
        words.at("2026-03-14T12:00:00") == words.at("2026-03-14T13:00:00+01:00") == "2026-03-14 12:00:00 UTC"
    )
    assert words.at("yesterday") == words.clock_time("yesterday") == "yesterday"


def test_figures_that_are_missing_are_a_dash() -> None:
    assert (words.rate(None), words.milliseconds(None)) == ("-", "-")
    assert (words.rate(0.0), words.milliseconds(0.44), words.milliseconds(12.4)) == (
        "0.00 %",
        "0.4 ms",
        "12 ms",
    )


def test_a_table_lines_up_and_is_cut_at_the_width() -> None:
    lines = table([("A", "LONGER", "LAST"), ("aaa", "b", "much too long")], width=20)

    assert lines == ["A    LONGER  LAST", "aaa  b       much t…"]
    assert table([], width=10) == []
    assert cut("abc", 3) == "abc"


def test_history_lists_changes_with_their_outcome() -> None:
    records = [record_of(STORIES[name]().entries) for name in ("closed", "rolled_back", "rejected")]
    lines = history(records, now=NOW, width=200, ink=PLAIN)

    assert lines[0].split() == ["CHANGE", "WHEN", "TO", "KIND", "BY", "TOOK", "OUTCOME", "REASON"]
    assert lines[1].split()[-2:] == ["Faster", "cart"]
    assert "done" in lines[1]
    assert "open: rolled back" in lines[2]
    assert history([], now=NOW, width=80, ink=PLAIN) == [
        "No change was made yet. `headgate deploy` makes the first one."
    ]


def test_colour_adds_nothing_but_colour() -> None:
    records = [record_of(STORIES[name]().entries) for name in STORIES]
    coloured = "\n".join(history(records, now=NOW, width=200, ink=Ink(on=True)))
    plain = "\n".join(history(records, now=NOW, width=200, ink=PLAIN))

    for code in ("0", "1", "2", "31", "32", "33"):
        coloured = coloured.replace(f"\033[{code}m", "")
    assert coloured == plain


SERVING = EnvironmentStatus(
    target=Target("shop", "production"),
    script="shop-production",
    serving=Deployment(
        "d1", {NEW: 90.0, OLD: 10.0}, "ann@example.com", "2026-03-14T11:57:00Z", "headgate c001"
    ),
    unknown="",
    good_version=NEW,
    open_change=None,
    running=False,
)


def test_status_says_what_serves_since_when_by_whom() -> None:
    text = "\n".join(status([SERVING], now=NOW, width=200, ink=PLAIN))

    assert "shop/production  Worker shop-production" in text
    assert f"{NEW} 90 %, {OLD} 10 %" in text
    assert "2026-03-14 11:57:00 UTC (3 min ago)" in text
    assert "ann@example.com" in text
    assert f"known good  {NEW}" in text


def test_status_of_what_is_not_known_or_not_there() -> None:
    nothing = replace(SERVING, serving=None, good_version="")
    unknown = replace(SERVING, serving=None, unknown="The platform does not answer.")

    assert "nothing: never deployed" in "\n".join(status([nothing], now=NOW, width=80, ink=PLAIN))
    assert "unknown: The platform" in "\n".join(status([unknown], now=NOW, width=80, ink=PLAIN))


def test_status_tells_a_running_change_from_an_interrupted_one() -> None:
    watching = stories.released()
    record = record_of([e for e in watching.entries if e.event is not Event.CHANGE_WATCHED][:-3])
    running = replace(SERVING, open_change=record, running=True)
    interrupted = replace(SERVING, open_change=record, running=False)

    told_running = "\n".join(status([running], now=after(record), width=80, ink=PLAIN))
    told_interrupted = "\n".join(status([interrupted], now=after(record), width=80, ink=PLAIN))

    assert "release c001 is being watched, " in told_running
    assert "headgate watch" in told_running
    assert "release c001 was interrupted when it was verified" in told_interrupted


def test_status_as_data() -> None:
    data = json.loads(json.dumps(status_as_json(SERVING)))

    assert data["serving"]["split"] == {NEW: 90.0, OLD: 10.0}
    assert data["last_known_good"] == NEW
    assert data["open_change"] is None


def test_a_change_as_data_holds_everything_that_happened() -> None:
    data = change_as_json(record_of(stories.closed().entries))

    assert (data["outcome"], data["version"], data["rollback_ready"]) == ("done", NEW, True)
    assert [gate["gate"] for gate in data["gates"]][:2] == ["tests", "dependencies"]
    assert data["steps"][-1]["calls"] == [stories.DEPLOY]
    assert data["watch"]["new"]["p95_ms"] == 12.4


def test_entries_are_shown_whole() -> None:
    entry = stories.closed().entries[0]
    lines = entry_lines(entry, ink=PLAIN)

    assert lines[0].startswith("     1  2026-03-14 09:26:53 UTC  change.proposed  person:ann  ")
    assert "        reason: Faster cart" in lines
    assert entry_as_json(entry)["hash"] == entry.hash


def test_doctor_says_what_needs_something() -> None:
    good, bad = Diagnosis("disk", True, "1 MiB free"), Diagnosis("wrangler", False, "missing", "install it")

    lines = doctor([good, bad], ink=PLAIN)

    assert lines == [
        "ok   disk      1 MiB free",
        "BAD  wrangler  missing",
        "               install it",
        "",
        "1 of 2 need something.",
    ]
    assert doctor([good], ink=PLAIN)[-1] == "Everything is there."


def test_what_to_do_about_a_failed_step_is_said_at_the_end() -> None:
    told_story = stories.rolled_back().say(Event.CHANGE_CLOSED, {"outcome": "rolled back"})
    entries = list(told_story.entries)
    step = next(number for number, entry in enumerate(entries) if entry.event is Event.STEP_DONE)
    data = {**entries[step].data, "what": "It does not start.", "where": "shop", "remedy": "Mend line 3."}
    entries[step] = replace(entries[step], event=Event.STEP_FAILED, data=data)
    assert "\n  Mend line 3.\n" in concluded(entries)


def test_samples_close_to_each_other_are_told_once_unless_the_answer_changes() -> None:
    story = stories.rolled_back()
    first = next(entry for entry in story.entries if entry.event is Event.WATCH_SAMPLED)
    context = context_for(None)
    show = Told(context)
    record = record_of(story.entries)
    at = datetime.fromisoformat(first.at)
    for seconds, answer in ((0.0, "wait"), (0.2, "wait"), (0.9, "wait"), (1.1, "wait"), (1.2, "rollback")):
        later = (at + timedelta(seconds=seconds)).isoformat()
        show.entry(replace(first, at=later, data={**first.data, "answer": answer}), record)
    assert isinstance(context.out, io.StringIO)
    told_lines = context.out.getvalue().splitlines()
    assert [" rollback: " in line for line in told_lines] == [False, False, True]
