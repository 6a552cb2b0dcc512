"""`headgate edge` hands its arguments on to the local edge, and the edge's exit code back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from headgate.entrypoints.cli.commands.edge import edge_command
from headgate.entrypoints.cli.context import Context
from headgate.entrypoints.cli.main import parse, run
from tests.unit.config.project import SMALLEST, write

EDGE = [sys.executable, "-P", "-m", "localedge"]


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        (["up", "--port", "1", "--traffic-port", "2"], ["--port", "1", "--traffic-port", "2"]),
        (["down", "--port", "1"], []),
        (["logs", "-f"], ["-f"]),
        (["logs", "-n", "3"], ["-n", "3"]),
        (["status", "-f"], []),
        (["up", "--rate-limit"], ["--rate-limit", "1200/300"]),
        (["up", "--rate-limit", "5/10"], ["--rate-limit", "5/10"]),
    ],
)
def test_arguments_are_handed_on(given: list[str], handed_on: list[str]) -> None:
    command = edge_command(parse("edge", given), Path("f"), as_json=False)

    assert command == [*EDGE, given[0], "--folder", "f", *handed_on]


def test_a_token_is_made() -> None:
    args = parse("edge", ["token", "--worker", "shop", "--worker", "blog", "--read-only"])

    command = edge_command(args, Path("f"), as_json=False)

    given = ["--name", "headgate", "--worker", "shop", "--worker", "blog", "--read-only"]
    assert command == [*EDGE, "token", "create", "--folder", "f", *given]


def test_tokens_are_listed_and_deleted() -> None:
    listing = edge_command(parse("edge", ["token", "list"]), Path("f"), as_json=True)
    deleting = edge_command(parse("edge", ["token", "delete", "some-id"]), Path("f"), as_json=False)

    assert listing == [*EDGE, "token", "list", "--folder", "f", "--json"]
    assert deleting == [*EDGE, "token", "delete", "--folder", "f", "some-id"]


def test_json_is_handed_on_but_to_logs() -> None:
    assert edge_command(parse("edge", ["status"]), Path("f"), as_json=True)[-1] == "--json"
    assert edge_command(parse("edge", ["logs"]), Path("f"), as_json=True)[-1] == "f"


def test_the_exit_code_is_handed_back(tmp_path: Path) -> None:
    args = parse("edge", ["status", "--folder", str(tmp_path)])

    # 3: no edge runs there.
    assert run("edge", args, Context(project=tmp_path)) == 3


def test_without_a_headgate_toml_it_lies_in_the_current_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()

    run("edge", parse("edge", ["status"]), Context(project=tmp_path))

    assert str(tmp_path / ".headgate" / "edge") in "".join(capfd.readouterr())


def test_headgate_toml_says_where_it_lies(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SMALLEST.replace(".headgate/edge", "elsewhere"))

    run("edge", parse("edge", ["status"]), Context(project=tmp_path))

    assert str(tmp_path / "elsewhere") in "".join(capfd.readouterr())


def test_a_broken_headgate_toml_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "nonsense")

    assert run("edge", parse("edge", ["status"]), Context(project=tmp_path)) == 2
    assert "is not TOML" in capfd.readouterr().err
