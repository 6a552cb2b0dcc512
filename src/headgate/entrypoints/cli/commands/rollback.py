"""`headgate rollback`: traffic first, everything else after. Nothing here is loaded before it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.errors import ChangeBusy
from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    options.add_environment(parser)
    parser.add_argument(
        "--to", metavar="VERSION", default="", help="version to go back to (default: the last known good one)"
    )
    options.add_reason(parser, "why, for the journal and the report (default: who asked)")


def run(args: Namespace, context: Context) -> int:
    """Move the traffic, say so, then watch and write it down."""
    environment = options.environment_of(args, context)
    reason = args.reason or f"rollback asked for by {context.actor}"
    try:
        change_id = _moved(args.to, environment, reason, context)
    except KeyboardInterrupt:
        if not _left(environment, context):
            raise
        return ExitCode.INTERRUPTED
    # The traffic is moved. What follows takes its time.
    from headgate.domain.record import Outcome
    from headgate.entrypoints.cli.concluding import concluded

    record = _finished(change_id, context)
    release = record.change.kind == "worker_release"
    return concluded(context, record, wanted=(Outcome.ROLLED_BACK,) if release else ())


def _moved(version_id: str, environment: str, reason: str, context: Context) -> str:
    try:
        change_id = _move(version_id, environment, reason, context)
    except ChangeBusy:
        if not context.application.interrupted():
            raise
        # An interrupted change elsewhere in the project has to be brought to its end first.
        from headgate.entrypoints.cli.taking_up import take_up

        take_up(context)
        change_id = _move(version_id, environment, reason, context)
    _say_what_serves(change_id, context)
    return change_id


def _left(environment: str, context: Context) -> bool:
    """Whether the traffic may be on its way already; that is said then."""
    from headgate.entrypoints.cli.carrying import tell_left

    application = context.application
    records = application.history(environment, limit=1)
    left = [r.change.id for r in records if r.outcome is None and r.change.id not in application.running()]
    for change_id in left:
        tell_left(context, change_id)
    return bool(left)


def _move(version_id: str, environment: str, reason: str, context: Context) -> str:
    return context.application.rollback(
        environment=environment, reason=reason, author=context.actor, version_id=version_id
    )


def _say_what_serves(change_id: str, context: Context) -> None:
    from headgate.entrypoints.cli.views.reading import split_now
    from headgate.entrypoints.cli.views.words import split_words

    record = context.application.record(change_id)
    if change_id in context.application.running():
        context.say(f"The release {change_id} is under way: told it to go back.")
    elif record.outcome is None and split_now(record):
        context.say(f"{record.change.target} serves {split_words(split_now(record), full=True)}.")


def _finished(change_id: str, context: Context):  # type: ignore[no-untyped-def]  # noqa: ANN202
    if change_id in context.application.running():
        from headgate.entrypoints.cli.watching import watched

        return watched(context, change_id)
    from headgate.entrypoints.cli.carrying import carried

    return carried(context, change_id)
