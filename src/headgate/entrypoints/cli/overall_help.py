"""`headgate --help`, and a command that does not exist."""

from __future__ import annotations

import sys

from headgate.entrypoints.cli.catalogue import COMMANDS, OPTIONS_WITH_VALUE
from headgate.entrypoints.cli.exit_codes import ExitCode

USAGE = "usage: headgate [OPTIONS] COMMAND [ARGUMENTS]"


def answer(options: list[str], name: str) -> int:
    """Print the help asked for, or what is wrong with the command; the exit code."""
    if name:
        return _refuse(f"there is no command `{name}`.", _suggestion(name))
    if "--version" in options:
        from headgate import __version__

        print(f"headgate {__version__}")
        return ExitCode.DONE
    if options and options[-1] in OPTIONS_WITH_VALUE:
        return _refuse(f"{options[-1]} needs a value.", f"Such as `headgate {options[-1]} VALUE status`.")
    if len(options) > 1 and options[-2] in OPTIONS_WITH_VALUE and options[-1] in COMMANDS:
        what = f"no command was given: `{options[-1]}` was taken for the value of {options[-2]}."
        return _refuse(what, f"Give the value before it: `headgate {options[-2]} VALUE {options[-1]}`.")
    asked = not options or "-h" in options or "--help" in options
    print(overall_help(), file=sys.stdout if asked else sys.stderr)
    return ExitCode.DONE if asked else ExitCode.USAGE


def _refuse(what: str, remedy: str) -> int:
    print(f"headgate: {what}\n  {remedy}", file=sys.stderr)
    return ExitCode.USAGE


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
