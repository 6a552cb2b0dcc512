"""What others wrote does not steer the terminal."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from headgate.app.overview import EnvironmentStatus
from headgate.domain.change import Target
from headgate.domain.journal import Entry, Event
from headgate.domain.record import record_of
from headgate.domain.traffic import Deployment
from headgate.entrypoints.cli.actor import actor_of
from headgate.entrypoints.cli.views.harmless import harmless, json_text
from headgate.entrypoints.cli.views.ink import Ink
from tests.unit.cli.drawing import drawn, told
from tests.unit.cli.fake_application import FakeApplication
from tests.unit.cli.terminal import headgate
from tests.unit.report import stories

EVIL = "red \x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202eend\r\n12:00:00  fake"
STEERING = "\x1b\x07\x9b\x7f\u202e\r\b"


def steers(text: str) -> bool:
    return any(character in text for character in STEERING)


def evil_entries() -> list[Entry]:
    return [
        replace(entry, data={**entry.data, "reason": EVIL})
        if entry.event is Event.CHANGE_PROPOSED
        else replace(entry, data={**entry.data, "why": EVIL})
        for entry in stories.rolled_back().entries
    ]


def test_what_steers_is_taken_out_and_colours_stay() -> None:
    text = f"{Ink(on=True).bad('wrong')}: {EVIL}"
    assert harmless(text, colours=True).startswith("\x1b[31mwrong\x1b[0m: red ]0;owned[2J31mend\n")
    assert not steers(harmless(text))


def test_json_keeps_what_it_escapes() -> None:
    told_as = json_text({"reason": EVIL})
    assert not steers(told_as)
    assert json.loads(told_as) == {"reason": EVIL}


def test_lines_and_the_live_view_of_a_change() -> None:
    entries = evil_entries()
    assert not steers(drawn(record_of(entries)))
    assert not any(line.startswith("12:00:00  fake") for line in told(entries).splitlines())


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_deploy_and_history(arguments: tuple[str, ...]) -> None:
    application = FakeApplication(stories.rolled_back)
    deployed = headgate(application, "deploy", "--reason", EVIL, *arguments)
    listed = headgate(application, "history", *arguments)
    for printed in (deployed, listed):
        assert "owned" in printed.out
        assert not steers(printed.out)
        assert not printed.out.splitlines()[-1].startswith("12:00:00  fake")


def test_status_and_errors() -> None:
    serving = Deployment("d1", {"v1": 100.0}, "2026-03-14T11:00:00Z", EVIL, EVIL)
    target = Target("shop", "production")
    application = FakeApplication(stories.closed)
    application.statuses = [EnvironmentStatus(target, "shop", serving, "", "v1", None, running=False)]
    assert not steers(headgate(application, "status").out)
    assert not steers(headgate(application, "status", "no\x1b[2Jwhere").err)


def test_a_long_reason_is_cut_even_where_lines_may_be_of_any_length() -> None:
    application = FakeApplication(stories.closed)
    application.propose("long " * 300)
    lines = headgate(application, "history").out.splitlines()
    assert max(map(len, lines)) < 320
    assert lines[-1].endswith("…")


def test_an_actor_is_one_line() -> None:
    assert str(actor_of("person:ann\n\x1b[2J", {})) == "person:ann [2J"


def test_a_terminal_with_colours_gets_no_others() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = Terminal()
    headgate(FakeApplication(stories.closed), "status", "no\x1b[2Jwhere", err=err)
    assert "\x1b[31mheadgate: \x1b[0m" in err.getvalue()
    assert "\x1b[2J" not in err.getvalue()
