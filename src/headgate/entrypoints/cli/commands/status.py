"""`headgate status`: what serves where, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "environment",
        metavar="ENVIRONMENT",
        nargs="?",
        default="",
        help="name of an environment in headgate.toml (default: all of them)",
    )


def run(args: Namespace, context: Context) -> int:
    """Print a paragraph for each environment. Code 6 if the platform could not be asked."""
    environment = options.environment_of(args, context) if args.environment else ""
    take_up_in_background(context)
    environments = context.application.status(environment)
    code = ExitCode.PLATFORM if any(each.unknown for each in environments) else ExitCode.DONE
    if context.json:
        from headgate.entrypoints.cli.views.as_json import status_as_json

        context.give(
            {"environments": [status_as_json(each) for each in environments], "exit_code": int(code)}
        )
    else:
        from headgate.entrypoints.cli.views.status import status

        context.say(
            "\n".join(status(environments, now=context.clock.now(), width=context.width, ink=context.ink))
        )
    return code
