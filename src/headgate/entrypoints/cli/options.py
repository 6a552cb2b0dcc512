"""Options that every command has, and arguments that several have."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, HelpFormatter
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from headgate.domain.change import REASON_MAX
from headgate.domain.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from argparse import Namespace

    from headgate.entrypoints.cli.context import Context

WIDTH_MAX = 100


class Parser(ArgumentParser):
    """Raises what is wrong instead of printing it, so that it is answered like every other mistake."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(
            f"{message[0].upper()}{message[1:]}.", where=self.prog, remedy=f"`{self.prog} --help` says how."
        )


def new_parser(name: str, summary: str) -> Parser:
    """A command's parser."""
    return Parser(
        prog=f"headgate {name}".rstrip(),
        description=f"{summary}.",
        add_help=False,
        allow_abbrev=False,
        formatter_class=partial(HelpFormatter, max_help_position=32, width=WIDTH_MAX),
    )


def add_global_options(parser: ArgumentParser) -> None:
    """What can stand before the command's name or after it."""
    group = parser.add_argument_group("options of every command")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    group.add_argument(
        "--project", metavar="DIR", default=SUPPRESS, help="folder that holds headgate.toml (default: found)"
    )
    group.add_argument(
        "--json", action="store_true", default=SUPPRESS, help="print one JSON object instead of text"
    )
    group.add_argument("--no-color", action="store_true", default=SUPPRESS, help="print without colours")
    group.add_argument(
        "--actor",
        metavar="KIND:NAME",
        default=SUPPRESS,
        help="who gives the command, e.g. person:ann, ci:nightly, agent:helper (default: HEADGATE_ACTOR, the "
        "CI job's author, or the login name)",
    )
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=SUPPRESS,
        help="show calls made, and tracebacks of bugs",
    )


def add_environment(parser: ArgumentParser) -> None:
    """The environment that a command is about."""
    parser.add_argument(
        "environment",
        metavar="ENVIRONMENT",
        nargs="?",
        default="",
        help="name of an environment in headgate.toml (default: the production one)",
    )


def add_change(parser: ArgumentParser, default: str) -> None:
    """The change that a command is about."""
    parser.add_argument(
        "change", metavar="CHANGE", nargs="?", default="", help=f"id of a change (default: {default})"
    )


def add_reason(parser: ArgumentParser, told: str) -> None:
    """Why a command is given."""
    parser.add_argument("--reason", metavar="TEXT", type=reason, default=None, help=told)


def reason(text: str) -> str:
    """A text that says something, and that a report can hold."""
    if not text.strip():
        raise ArgumentTypeError("it is empty")
    if len(text) > REASON_MAX:
        raise ArgumentTypeError(f"it has {len(text)} characters, and may have {REASON_MAX}")
    return text


def positive(text: str) -> int:
    """A whole number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def environment_of(args: Namespace, context: Context) -> str:
    """The name of the environment that was given, else of the production one.

    Raises ConfigError if there is none of that name: then the command was typed wrong.
    """
    try:
        return context.application.target(args.environment).environment
    except NotFound as error:
        raise ConfigError(error.what, where=error.where, remedy=error.remedy) from None


def change_of(args: Namespace, context: Context) -> str:
    """The change that was named, else the one that runs, else the newest. Raises NotFound."""
    if args.change:
        return str(args.change)
    application = context.application
    running = application.running() or application.interrupted()
    return running[-1] if running else application.newest()
