"""`headgate judge`: explaining a change from its journal, and judging recorded traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import ConfigError
from headgate.domain.journal import Event
from tests.unit.cli.fake_application import FakeApplication
from tests.unit.cli.terminal import Printed, headgate
from tests.unit.config.project import SMALLEST, write
from tests.unit.looks.canary import bad, good
from tests.unit.looks.test_recorded import history, table
from tests.unit.report import stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headgate.domain.record import ChangeRecord
    from tests.unit.changes.stage import Shop

BAD_ROWS = [f"{second},100,5,900,4" for second in range(1800, 2400, 10)]


def explain(release: Callable[[], tuple[Shop, ChangeRecord]], *more: str) -> Printed:
    shop, record = release()
    application = FakeApplication(stories.closed)
    application.journal = shop.journal
    return headgate(application, "judge", "explain", record.change.id, *more)


def test_explain_shows_each_look_and_that_the_judge_agrees() -> None:
    printed = explain(bad)
    lines = printed.out.splitlines()
    looks = len(bad()[1].samples)
    assert printed.code == 0
    assert lines[0].split("  ")[0] == "TIME"
    assert "rollback" in lines[looks].split()
    assert lines[looks + 2].startswith("Release c2 of shop/production: rolled back after ")
    assert lines[-1] == f"The judge, given the same readings again, says the same in all {looks} looks."
    assert all(len(line) <= 100 for line in lines[: looks + 1])


def test_explain_as_json_has_the_same() -> None:
    data = explain(good, "--json").data
    record = good()[1]
    assert data["same"] is True
    assert [look["answer"] for look in data["looks"]] == [sample["answer"] for sample in record.samples]
    assert data["looks"][-1]["replayed"]["difference"] is None
    assert data["looks"][0]["new"]["error_rate_percent"].keys() == {"value", "low", "high"}


def test_explain_tells_a_difference_and_fails() -> None:
    shop, record = bad()
    application = FakeApplication(stories.closed)
    for entry in shop.journal.of_change(record.change.id):
        data = dict(entry.data)
        if entry.event is Event.WATCH_SAMPLED:
            data["evidence"] = []
        application._write(entry.event, record.change.id, data)
    printed = headgate(application, "judge", "explain", record.change.id)
    assert printed.code == 1
    assert f"differs in {len(record.samples)} looks:" in printed.out
    assert "look 1, " in printed.out
    assert f"and {len(record.samples) - 10} more" in printed.out


def test_explain_of_what_was_not_judged() -> None:
    application = FakeApplication(stories.closed)
    headgate(application, "deploy", "--reason", "Faster cart")
    printed = headgate(application, "judge", "explain")
    assert printed.code == 1
    assert "older Headgate" in printed.err


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "recorded.csv"
    file.write_text("\n".join(table(*history(), *BAD_ROWS)))
    return file


def test_replay_shows_looks_and_the_verdict(file: Path) -> None:
    printed = headgate(None, "judge", "replay", str(file), project=file.parent)
    assert printed.code == 0
    assert "CANARY ERRORS" in printed.out
    assert "\nrollback: rolled back after " in printed.out
    assert "later intervals were not looked at" in printed.out


def test_replay_as_json(file: Path) -> None:
    data = headgate(None, "judge", "replay", str(file), "--json", project=file.parent).data
    assert data["answer"] == data["looks"][-1]["answer"] == "rollback"
    assert data["not_looked_at"] > 0


def test_replay_takes_the_rules_of_the_project_it_is_called_in(file: Path) -> None:
    write(file.parent, f"{SMALLEST}\n[judge]\ngrace_seconds = 0\n")
    soon = headgate(None, "judge", "replay", str(file), "--json", project=file.parent).data
    assert soon["looks"][-1]["seconds"] < 60


def test_replay_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("\n".join(table("0,1,0,1,0", "10,-1,0,1,0")))
    printed = headgate(None, "judge", "replay", str(file), project=tmp_path)
    assert printed.code == 2
    assert f"{file}, line 3" in printed.err
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in headgate(None, "judge", "replay", str(file), project=tmp_path).err
    missing = headgate(None, "judge", "replay", str(tmp_path / "none.csv"), project=tmp_path)
    assert "cannot be read" in missing.err
    assert "No file was named" in headgate(None, "judge", "replay", project=tmp_path).err


@pytest.mark.parametrize(
    "option", ["--next-share=0", "--next-share=101", "--soak=-1", "--soak=nan", "--soak=x"]
)
def test_replay_wants_sensible_options(option: str) -> None:
    with pytest.raises(ConfigError):
        headgate(None, "judge", "replay", "x.csv", option)
