"""`headgate history`: the changes made, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context

LIMIT = 20


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "environment",
        metavar="ENVIRONMENT",
        nargs="?",
        default="",
        help="only changes to this environment (default: all of them)",
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=options.positive,
        default=LIMIT,
        help="how many changes at the most (default: %(default)s)",
    )


def run(args: Namespace, context: Context) -> int:
    """Print a table."""
    environment = options.environment_of(args, context) if args.environment else ""
    take_up_in_background(context)
    records = context.application.history(environment, limit=args.limit)
    if context.json:
        from headgate.entrypoints.cli.views.as_json import summary_as_json

        context.give({"changes": [summary_as_json(record) for record in records]})
    else:
        from headgate.entrypoints.cli.views.history import history

        lines = history(records, now=context.clock.now(), width=context.width, ink=context.ink)
        context.say("\n".join(lines))
    return ExitCode.DONE
