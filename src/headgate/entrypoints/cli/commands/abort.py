"""`headgate abort`: ask a change to stop and undo what it did, and stay until it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    options.add_change(parser, "the one that runs")
    options.add_reason(parser, "why, for the journal and the report")


def run(args: Namespace, context: Context) -> int:
    """Done if the change was undone or never began."""
    from headgate.domain.record import Outcome
    from headgate.entrypoints.cli.carrying import carried
    from headgate.entrypoints.cli.concluding import concluded
    from headgate.entrypoints.cli.watching import watched

    application = context.application
    change_id = options.change_of(args, context)
    interrupted = application.interrupted()
    application.abort(change_id, why=args.reason or "asked for", author=context.actor)
    record = carried(context, change_id) if change_id in interrupted else watched(context, change_id)
    return concluded(context, record, wanted=(Outcome.ROLLED_BACK, Outcome.REJECTED))
