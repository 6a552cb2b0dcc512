"""`headgate report`: what was written about a change, made anew from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context

FORMATS = ("md", "json", "html", "svg")


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    options.add_change(parser, "the newest")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="md",
        help="form of the report (default: %(default)s; with --json: json)",
    )


def run(args: Namespace, context: Context) -> int:
    """Print the report."""
    take_up_in_background(context)
    change_id = args.change or context.application.newest()
    form = "json" if context.json else args.format
    context.print_line(context.application.report(change_id, form).rstrip("\n"))
    return ExitCode.DONE
