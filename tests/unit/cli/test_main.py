"""Finding the command, its options, who gives it, and what goes wrong."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from headgate.domain.errors import ConfigError, HeadgateError
from headgate.entrypoints.cli.actor import actor_of
from headgate.entrypoints.cli.catalogue import COMMANDS
from headgate.entrypoints.cli.failing import answer
from headgate.entrypoints.cli.main import context_of, main, parse, split
from tests.unit.cli.fake_application import FakeApplication
from tests.unit.cli.terminal import context_for, headgate
from tests.unit.report import stories

if TYPE_CHECKING:
    import io

# Loading one of these takes long, and nothing that only prints needs them.
SLOW = ("dbos", "rich", "sqlite3", "http", "asyncio", "jsonschema_rs", "tomllib", "subprocess", "logging")


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ([], ([], "", [])),
        (["status"], ([], "status", [])),
        (["--json", "status", "-v"], (["--json"], "status", ["-v"])),
        (["--project", "status", "deploy", "x"], (["--project", "status"], "deploy", ["x"])),
        (["--project=a", "deploy"], (["--project=a"], "deploy", [])),
        (["--help"], (["--help"], "", [])),
    ],
)
def test_the_command_is_the_first_word_that_belongs_to_no_option(given: list[str], parts: object) -> None:
    assert split(given) == parts


def test_options_may_stand_before_and_after_the_command() -> None:
    context = context_of(parse("status", ["--json", "--project", "~", "-v", "--no-color", "--actor", "ci:x"]))

    assert (context.json, context.verbose, context.color) == (True, True, False)
    assert context.project == Path.home()
    assert str(context.actor) == "ci:x"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: headgate {name}")


def test_the_overall_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main([]) == 0

    out = capsys.readouterr().out
    assert all(f"  {name} " in out and summary in out for name, summary in COMMANDS.items())


def test_the_version_is_an_option_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("headgate ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dploy"], "Did you mean `headgate deploy`?"),
        (["xyzzy"], "There are deploy, rollback"),
        (["--nonsense"], "usage: headgate"),
        (["deploy", "a", "b"], "Unrecognized arguments: b."),
        (["report", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["edge"], "required"),
    ],
)
def test_what_is_typed_wrong(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_what_is_typed_wrong_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "a", "b", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "ConfigError"


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--help"], ["deploy", "--help"], ["version"]])
def test_what_only_prints_loads_nothing_slow(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "headgate", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    loaded = {line.rpartition("|")[2].strip() for line in told.splitlines()}

    assert loaded.isdisjoint(SLOW)


@pytest.mark.parametrize(
    ("named", "environment", "actor"),
    [
        ("person:ann", {"GITHUB_ACTOR": "octocat"}, "person:ann"),
        ("ann", {}, "person:ann"),
        ("agent:helper", {}, "agent:helper"),
        ("", {"GITHUB_ACTOR": "octocat"}, "ci:octocat"),
        ("", {"GITLAB_USER_LOGIN": "tanuki"}, "ci:tanuki"),
        ("", {"CI": "true"}, r"ci:\w+"),
        ("", {}, r"person:\w+"),
    ],
)
def test_who_gives_a_command(named: str, environment: dict[str, str], actor: str) -> None:
    assert re.fullmatch(actor, str(actor_of(named, environment)))


@pytest.mark.parametrize("named", ["headgate:headgate", "robot:x", "person:", ":ann", " "])
def test_who_cannot_give_a_command(named: str) -> None:
    with pytest.raises(ConfigError, match="no actor"):
        actor_of(named, {})


def test_several_mistakes_are_told_each_with_its_line() -> None:
    problems = (
        HeadgateError("There is no setting `x`.", where="headgate.toml:3", remedy="Take it out."),
        HeadgateError("`y` must be a number.", where="headgate.toml:5"),
    )
    context = context_for(FakeApplication(stories.closed))
    error = ConfigError("headgate.toml has 2 mistakes.", where="headgate.toml", problems=problems)

    assert answer(error, context) == 2
    assert cast("io.StringIO", context.err).getvalue() == (
        "headgate: headgate.toml has 2 mistakes.\n"
        "  at headgate.toml\n"
        "  headgate.toml:3: There is no setting `x`.\n"
        "    Take it out.\n"
        "  headgate.toml:5: `y` must be a number.\n"
    )


def broken(project: Path) -> FakeApplication:
    """An application with a bug."""
    error = ZeroDivisionError("division by zero")
    return FakeApplication(stories.closed, project=str(project), raises=error)


def test_a_bug_is_told_shortly_and_written_down(tmp_path: Path) -> None:
    (tmp_path / ".headgate").mkdir()
    application = broken(tmp_path)

    printed = headgate(application, "deploy", "--reason", "x")

    assert printed.code == 70
    assert "Traceback" not in printed.err
    (file,) = (tmp_path / ".headgate").glob("crash-*.txt")
    assert str(file) in printed.err
    assert "ZeroDivisionError: division by zero" in file.read_text()


def test_a_bug_is_told_at_length_when_asked(tmp_path: Path) -> None:
    (tmp_path / ".headgate").mkdir()
    application = broken(tmp_path)

    printed = headgate(application, "deploy", "--reason", "x", "-v")

    assert "Traceback" in printed.err


def test_a_bug_on_a_full_disk_leaves_no_empty_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, elsewhere = tmp_path / ".headgate", tmp_path / "tmp"
    for folder in (state, elsewhere):
        folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # files can be made, and nothing written
    try:
        printed = headgate(broken(tmp_path), "deploy", "--reason", "x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert printed.code == 70
    assert "ZeroDivisionError: division by zero" in printed.err
    assert "Traceback" in printed.err
    assert not [*state.iterdir(), *elsewhere.iterdir()]


def test_a_bug_without_a_state_folder_is_written_to_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    printed = headgate(broken(tmp_path / "gone"), "deploy", "--reason", "x")
    (file,) = tmp_path.glob("crash-*.txt")
    assert str(file) in printed.err


def test_a_bug_as_data(tmp_path: Path) -> None:
    (tmp_path / ".headgate").mkdir()
    application = broken(tmp_path)

    printed = headgate(application, "deploy", "--reason", "x", "--json")

    assert (printed.code, printed.data["error"]["kind"]) == (70, "Bug")


def test_output_into_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    command = f"{sys.executable} -m headgate version; echo $? >&2"
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command}) | true"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stderr == "0\n"


def test_arguments_that_are_not_utf8_are_made_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bad\udcff"]) == 2
    assert "there is no command `bad?`" in capsys.readouterr().err


def test_names_that_are_not_utf8_are_made_so() -> None:
    assert str(actor_of("person:ann\udcff", {})) == "person:ann?"
    assert str(actor_of("", {"GITHUB_ACTOR": "octo\udcff"})) == "ci:octo?"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--project"], "--project needs a value."),
        (["--json", "--actor"], "--actor needs a value."),
        (["--project", "status"], "no command was given: `status` was taken for the value of --project."),
    ],
)
def test_an_option_without_its_value(given: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    assert told in capsys.readouterr().err


def test_a_folder_named_headgate_toml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "headgate.toml").mkdir()
    assert main(["--project", str(tmp_path), "history"]) == 2
    assert "headgate.toml cannot be read: Is a directory." in capsys.readouterr().err
