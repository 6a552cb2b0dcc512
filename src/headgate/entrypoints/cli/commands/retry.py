"""`headgate retry`: weigh a stage anew, or release once more what was rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options, requesting
from headgate.entrypoints.cli.taking_up import take_up, take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    requesting.configure(parser)


def run(args: Namespace, context: Context) -> int:
    """A change that is watched is told; one that ended is released again, and this stays until that ended."""
    application = context.application
    change_id = options.change_of(args, context)
    ended = application.record(change_id).outcome is not None
    if ended:
        take_up(context)
    again = application.retry(change_id, why=args.reason or f"retry of {change_id}", author=context.actor)
    if again != change_id:
        from headgate.entrypoints.cli.carrying import carried
        from headgate.entrypoints.cli.concluding import concluded

        return concluded(context, carried(context, again))
    take_up_in_background(context)
    return requesting.answered(context, change_id, "weigh this stage anew")
