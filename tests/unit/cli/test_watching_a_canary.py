"""What is seen of a canary while it is watched: drawn, in lines, as JSON, and in the status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headgate.app.overview import EnvironmentStatus
from headgate.domain.change import Target
from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.record import follow
from headgate.domain.rollout.stages import RolloutRules
from headgate.entrypoints.cli.showing import EntriesAsJson
from headgate.entrypoints.cli.views.as_json import change_as_json
from headgate.entrypoints.cli.views.evidence import bar, named, odds, shown
from headgate.entrypoints.cli.views.ink import Ink
from headgate.entrypoints.cli.views.status import status
from tests.unit.cli.drawing import after, drawn, told
from tests.unit.cli.terminal import context_for
from tests.unit.looks.canary import bad, carried, entries_of, good, halfway

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord

LINES_MAX = 24
"""What a terminal has without being made larger."""


def test_the_live_view_has_stage_figures_bands_evidence_and_time() -> None:
    lines = drawn(halfway()[1], width=80).splitlines()
    text = "\n".join(lines)
    assert all(len(line) <= 80 for line in lines)
    assert len(lines) <= LINES_MAX
    assert "stage 2 of 4: 25 %, then 50 %" in text
    assert "seen 25 s of 1 min, time left not known" in text
    assert text.count("95 % sure") == 2
    assert text.count("┃") == 4
    assert "of 1 : 100" in text
    assert "no verdict yet: " in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_every_moment_can_be_drawn(width: int) -> None:
    record = None
    shop, ended = good()
    for number, entry in enumerate(entries_of(shop, ended)):
        record = follow(record, entry)
        if number % 7 == 0:
            assert all(len(line) <= width for line in drawn(record, width=width).splitlines())


def test_the_time_left_is_told_where_evidence_grows() -> None:
    _, record = carried(lambda record: bool(record.samples and record.samples[-1]["time_left_seconds"]))
    assert ", about " in drawn(record, width=80)


def test_at_the_end_the_evidence_that_decided_is_drawn() -> None:
    text = drawn(bad()[1], width=80)
    assert ", enough" in text
    assert "rolled back after " in text
    assert "stage 1" not in text


def test_who_is_asked_is_drawn() -> None:
    rules = RolloutRules("canary", soak_seconds=5, pauses=(5.0,))
    _, record = carried(lambda record: "promotion" in record.asked, rules=rules)
    text = drawn(record, width=80)
    assert "pause: only a person takes it further" in text
    assert "asked about promotion: developer, pm" in text


def test_a_sample_in_lines_has_its_evidence() -> None:
    shop, record = bad()
    assert "evidence against: errors 1 : " in told(entries_of(shop, record))


def test_json_has_the_same_figures() -> None:
    shop, record = halfway()
    context = context_for(None, json=True)
    show, followed = EntriesAsJson(context), None
    for entry in entries_of(shop, record):
        followed = follow(followed, entry)
        show.entry(entry, followed)
    last = json.loads(context.out.getvalue().splitlines()[-1])  # type: ignore[attr-defined]
    assert last["event"] == "watch.sampled"
    assert last["stage"]["soaked_seconds"] == 25
    assert last["look"]["new"]["error_rate_percent"]["high"] > 0
    assert {one["side"] for one in last["look"]["evidence"]} == {"rollback", "promote"}
    assert change_as_json(record)["look"] == last["look"]


def _told_by_status(**given: ChangeRecord) -> str:
    record = next(iter(given.values()))
    fields: dict[str, ChangeRecord | None] = {"open_change": None, "last_change": None, **given}
    seen = EnvironmentStatus(
        Target("shop", "production"),
        "shop",
        None,
        "",
        "",
        fields["open_change"],
        running=True,
        last_change=fields["last_change"],
    )
    return "\n".join(status([seen], now=after(record), width=100, ink=Ink()))


def test_the_status_says_where_a_canary_is_and_what_became_of_the_last() -> None:
    text = _told_by_status(open_change=halfway()[1])
    assert "is being watched at 25 %, stage 2 of 4, seen 25 s of 1 min" in text
    assert "no verdict yet: " in text
    ended = _told_by_status(last_change=bad()[1])
    assert "rolled back by itself after " in ended
    assert " against 0." in ended
    assert "done: healthy after" in _told_by_status(last_change=good()[1])


def test_a_bar_is_full_only_where_it_acts() -> None:
    assert bar(0, 6) == ("", "─────┃")
    assert bar(0.999, 6) == ("━━━━", "─┃")
    assert bar(1, 6) == bar(7, 6) == ("━━━━━", "┃")


def test_odds_in_words() -> None:
    one = Evidence("errors", Side.ROLLBACK, 2.3026, 4.6052)
    assert odds(one) == "1 : 10 of 1 : 100"
    assert odds(Evidence("errors", Side.ROLLBACK, 5, 4.6052)) == "1 : 148, enough"
    assert named(None) == named(Evidence("errors", Side.ROLLBACK, -1, 4.6)) == "-"


def test_many_metrics_of_a_user_are_counted_and_not_all_drawn() -> None:
    many = [Evidence(f"m{number}", Side.PROMOTE, number / 10, 3.0) for number in range(9)]
    drawn_ones, more = shown([Evidence("errors", Side.PROMOTE, 2, 3.0), *many], Side.PROMOTE)
    assert [one.metric for one in drawn_ones] == ["errors", "m0", "m1"]
    assert more == 7
