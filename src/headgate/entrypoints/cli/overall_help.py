"""`headgate --help`, and a command that does not exist."""

from __future__ import annotations

import sys

from headgate.entrypoints.cli.catalogue import COMMANDS
from headgate.entrypoints.cli.exit_codes import ExitCode

USAGE = "usage: headgate [OPTIONS] COMMAND [ARGUMENTS]"


def answer(options: list[str], name: str) -> int:
    """Print the help asked for, or what is wrong with the command; the exit code."""
    if name:
        print(f"headgate: there is no command `{name}`.\n  {_suggestion(name)}", file=sys.stderr)
        return ExitCode.USAGE
    if "--version" in options:
        from headgate import __version__

        print(f"headgate {__version__}")
        return ExitCode.DONE
    asked = not options or "-h" in options or "--help" in options
    print(overall_help(), file=sys.stdout if asked else sys.stderr)
    return ExitCode.DONE if asked else ExitCode.USAGE


def overall_help() -> str:
    """The commands, each in a line, and the options of all."""
    from headgate.entrypoints.cli.options import add_global_options, new_parser

    parser = new_parser("", "Takes a tested build through one gate to production, and back if it fails")
    parser.usage = USAGE.removeprefix("usage: ")
    parser.epilog = "`headgate COMMAND --help` says more about a command."
    commands = parser.add_argument_group("commands")
    for name, summary in COMMANDS.items():
        commands.add_argument(name, nargs="?", help=summary)
    add_global_options(parser)
    return parser.format_help().rstrip()


def _suggestion(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, COMMANDS, n=1)
    if close:
        return f"Did you mean `headgate {close[0]}`?"
    return f"There are {', '.join(COMMANDS)}."
