"""docs/reference/commands.md and exit-codes.md say what the command line does."""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action
from pathlib import Path

import pytest

from headgate.domain import errors
from headgate.entrypoints.cli.catalogue import COMMANDS
from headgate.entrypoints.cli.exit_codes import ExitCode, of_error
from headgate.entrypoints.cli.main import parser_of
from headgate.entrypoints.cli.options import add_global_options, new_parser

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
COMMANDS_PAGE = (REFERENCE / "commands.md").read_text()
EXIT_CODES_PAGE = (REFERENCE / "exit-codes.md").read_text()


def sections() -> dict[str, str]:
    """The page's sections by heading."""
    parts = re.split(r"^## (.+)$", COMMANDS_PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def global_actions() -> list[Action]:
    parser = new_parser("", "")
    add_global_options(parser)
    return parser._actions


def own_actions(name: str) -> list[Action]:
    """A command's actions without the global ones."""
    everywhere = {action.dest for action in global_actions()}
    return [action for action in parser_of(name)._actions if action.dest not in everywhere]


def test_every_command_has_its_section_in_the_order_of_the_help() -> None:
    assert [heading for heading in sections() if heading in COMMANDS] == list(COMMANDS)
    assert all(heading in COMMANDS or " " in heading or heading == "Ctrl-C" for heading in sections())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_of_a_command_is_documented(name: str) -> None:
    section = sections()[name]

    assert f"`headgate {name}" in section
    for action in own_actions(name):
        for word in action.option_strings or [str(action.metavar)]:
            assert word in section, word
        for choice in action.choices or ():
            assert str(choice) in section, choice


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_else_is_documented(name: str) -> None:
    known = {word for action in own_actions(name) for word in action.option_strings}
    known |= {word for action in global_actions() for word in action.option_strings} | {"--wait"}

    assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", sections()[name])) <= known


def test_every_global_option_is_documented() -> None:
    section = sections()["Options of every command"]

    for action in global_actions():
        assert action.default is SUPPRESS
        for word in action.option_strings:
            assert f"`{word}" in section, word


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|$", EXIT_CODES_PAGE, flags=re.MULTILINE)

    assert rows == [(str(int(code)), code.name) for code in ExitCode]


def test_every_error_has_the_documented_code() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.HeadgateError)
        and kind is not errors.HeadgateError
    ]
    table = EXIT_CODES_PAGE.partition("## Which error gives which code")[2].partition("An error within")[0]
    for kind in kinds:
        row = next((line for line in table.splitlines() if f"`{kind.__name__}`" in line), "any other | 1 |")
        documented = re.search(r"\| (\d+)", row)
        assert documented is not None
        assert int(documented[1]) == of_error(kind("x")), kind
