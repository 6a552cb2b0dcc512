"""`headgate watch`: follow a change that another process carries."""

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
    options.add_change(parser, "the one that runs, else the newest")


def run(args: Namespace, context: Context) -> int:
    """Follow to the end; Ctrl-C stops the following and nothing else."""
    from headgate.entrypoints.cli.concluding import BY_OUTCOME, concluded
    from headgate.entrypoints.cli.watching import watched

    take_up_in_background(context)
    change_id = options.change_of(args, context)
    try:
        record = watched(context, change_id, every_entry=True)
    except KeyboardInterrupt:
        context.note("\nheadgate: stopped following. The change goes on; `headgate abort` stops it.")
        return ExitCode.STOPPED
    return BY_OUTCOME[record.outcome] if context.json else concluded(context, record)
