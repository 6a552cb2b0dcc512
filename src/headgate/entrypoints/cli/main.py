"""The entry point of `headgate`: find the command, load its module alone, run it, say what went wrong."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from headgate.domain.errors import HeadgateError
from headgate.domain.texts import encodable
from headgate.entrypoints.cli.catalogue import COMMANDS, OPTIONS_WITH_VALUE
from headgate.entrypoints.cli.context import Context

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

WORKING = ("abort", "deploy", "resume", "rollback", "test")
"""Commands that must not end just anywhere, or that start programs which must not outlive them."""


class Command(Protocol):
    """A module in `commands`."""

    def configure(self, parser: ArgumentParser) -> None:
        """Name the command's arguments."""

    def run(self, args: Namespace, context: Context) -> int:
        """Do it; the exit code. Raises HeadgateError."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    # Arguments that are not UTF-8 must not get into the journal, which everything after reads.
    given = [encodable(argument) for argument in (sys.argv[1:] if arguments is None else arguments)]
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter shows `?` for it, and nothing fails.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    before, name, after = split(given)
    if name not in COMMANDS:
        from headgate.entrypoints.cli.overall_help import answer

        return answer(before, name)
    try:
        args = parse(name, [*before, *after])
    except HeadgateError as error:
        return _answered(error, Context(json="--json" in given, environ=os.environ))
    return run(name, args, context_of(args))


def split(given: list[str]) -> tuple[list[str], str, list[str]]:
    """Global options before the command's name, the name ('' if there is none), and what follows it."""
    position = 0
    while position < len(given) and given[position].startswith("-"):
        position += 2 if given[position] in OPTIONS_WITH_VALUE else 1
    return given[:position], "".join(given[position : position + 1]), given[position + 1 :]


def parse(name: str, arguments: list[str]) -> Namespace:
    """Read a command's arguments. Raises ConfigError where they are wrong."""
    return parser_of(name).parse_args(arguments)


def parser_of(name: str) -> ArgumentParser:
    """The parser of a command: its own arguments, and the global options."""
    from headgate.entrypoints.cli.options import add_global_options, new_parser

    parser = new_parser(name, COMMANDS[name])
    _module(name).configure(parser)
    add_global_options(parser)
    return parser


def context_of(args: Namespace) -> Context:
    """What the command works with."""
    given = vars(args)
    return Context(
        project=Path(given["project"]).expanduser() if "project" in given else None,
        json=given.get("json", False),
        color=not given.get("no_color", False),
        verbose=given.get("verbose", False),
        actor_name=given.get("actor", "") or os.environ.get("HEADGATE_ACTOR", ""),
        environ=os.environ,
    )


def run(name: str, args: Namespace, context: Context) -> int:
    """Run a command and answer whatever it raises."""
    try:
        try:
            return _run_stoppable(name, args, context) if name in WORKING else _run(name, args, context)
        finally:
            context.close()
    except BaseException as error:  # noqa: BLE001 - `failing` knows every kind, and raises again what is not ours
        return _answered(error, context)


def _run_stoppable(name: str, args: Namespace, context: Context) -> int:
    from headgate.entrypoints.cli.interrupts import stopping

    with stopping():
        return _run(name, args, context)


def _run(name: str, args: Namespace, context: Context) -> int:
    return int(_module(name).run(args, context))


def _answered(error: BaseException, context: Context) -> int:
    from headgate.entrypoints.cli.failing import answer

    return answer(error, context)


def _module(name: str) -> Command:
    module: Any = import_module(f"headgate.entrypoints.cli.commands.{name}")
    return cast("Command", module)


if __name__ == "__main__":
    sys.exit(main())
