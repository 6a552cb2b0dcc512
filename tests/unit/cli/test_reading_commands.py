"""The commands that change nothing: each prints text for people, and one JSON object with --json."""

from __future__ import annotations

import io

import pytest

from headgate import __version__
from headgate.app.doctor import Diagnosis
from headgate.app.overview import EnvironmentStatus
from headgate.domain.change import Target
from tests.unit.cli.fake_application import FakeApplication
from tests.unit.cli.terminal import headgate
from tests.unit.report import stories


@pytest.fixture
def application() -> FakeApplication:
    """One with a release behind it."""
    application = FakeApplication(stories.closed)
    headgate(application, "deploy", "--reason", "Faster cart")
    return application


def test_history(application: FakeApplication) -> None:
    assert "Faster cart" in headgate(application, "history").out
    changes = headgate(application, "history", "production", "--limit", "1", "--json").data["changes"]
    assert [(change["change"], change["outcome"]) for change in changes] == [("c001", "done")]


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_history_wants_a_sensible_limit(application: FakeApplication, limit: str) -> None:
    from headgate.domain.errors import ConfigError

    with pytest.raises(ConfigError, match="whole number above zero"):
        headgate(application, "history", f"--limit={limit}")


@pytest.mark.parametrize("command", ["history", "status"])
def test_an_unknown_environment_is_a_mistake_of_usage(application: FakeApplication, command: str) -> None:
    printed = headgate(application, command, "nowhere")

    assert printed.code == 2
    assert "no environment nowhere" in printed.err


def test_report_is_of_the_newest_change_unless_one_is_named(application: FakeApplication) -> None:
    assert headgate(application, "report").out == "the report of c001 as md\n"
    assert headgate(application, "report", "c001", "--format", "html").out == "the report of c001 as html\n"
    assert headgate(application, "report", "--json").out == "the report of c001 as json\n"


def test_a_report_of_nothing() -> None:
    assert headgate(FakeApplication(stories.closed), "report").code == 1


def test_status_of_a_platform_that_answers_and_of_one_that_does_not() -> None:
    well = EnvironmentStatus(Target("shop", "staging"), "shop-staging", None, "", "", None, running=False)
    unwell = EnvironmentStatus(Target("shop", "production"), "", None, "No answer.", "", None, running=False)
    application = FakeApplication(stories.closed, statuses=[well, unwell])

    assert headgate(application, "status", "staging").code == 0
    printed = headgate(application, "status", "--json")
    assert printed.code == 6
    assert [each["unknown"] for each in printed.data["environments"]] == [None, "No answer."]
    assert "unknown: No answer." in headgate(application, "status").out


def test_doctor() -> None:
    well, unwell = (
        Diagnosis("disk", True, "1 MiB free"),
        Diagnosis("wrangler", False, "missing", "install it"),
    )

    assert headgate(FakeApplication(stories.closed, diagnoses=[well]), "doctor").code == 0
    printed = headgate(FakeApplication(stories.closed, diagnoses=[well, unwell]), "doctor", "--json")
    assert printed.code == 1
    assert printed.data["checks"][1] == {
        "name": "wrangler",
        "ok": False,
        "what": "missing",
        "remedy": "install it",
    }


def test_journal_verify(application: FakeApplication) -> None:
    assert "The journal holds: " in headgate(application, "journal", "verify").out
    assert headgate(application, "journal", "verify", "--json").data["holds"] is True


def test_journal_show(application: FakeApplication) -> None:
    assert "change.proposed" in headgate(application, "journal", "show", "c001").out
    entries = headgate(application, "journal", "show", "--json").data["entries"]
    assert entries[-1]["event"] == "change.closed"
    assert headgate(application, "journal", "show", "c999").code == 1


def test_version() -> None:
    assert headgate(None, "version").out.startswith(f"headgate {__version__} on Python 3.")
    assert headgate(None, "version", "--json").data["headgate"] == __version__


def test_a_terminal_gets_colours_and_its_own_width(application: FakeApplication) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    coloured, plain, dumb = Terminal(), Terminal(), Terminal()
    headgate(application, "history", out=coloured)
    headgate(application, "history", out=plain, color=False)
    headgate(application, "history", out=dumb, environ={"TERM": "xterm", "NO_COLOR": "1"})

    assert "\033[1m" in coloured.getvalue()
    assert "\033" not in plain.getvalue() + dumb.getvalue()
    assert all(len(line) <= 80 for line in plain.getvalue().splitlines())


def test_a_terminal_gets_a_view_that_is_drawn() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    assert headgate(FakeApplication(stories.closed), "deploy", "--reason", "x", out=out).code == 0

    assert "handed off" in out.getvalue()
    assert "Released version" in out.getvalue()
    assert "gate tests: pass" not in out.getvalue()
    # The cursor that was hidden while drawing is there again.
    assert out.getvalue().rfind("\033[?25h") > out.getvalue().rfind("\033[?25l")
