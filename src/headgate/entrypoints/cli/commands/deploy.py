"""`headgate deploy`: build, gates, staging, production, watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import BEFORE_RUNNING, REASON_MAX
from headgate.domain.errors import ChangeBusy, ConfigError, HeadgateError
from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.taking_up import take_up
from headgate.entrypoints.cli.working import working

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context

WAIT_SECONDS_MAX = 3600
GIT_SECONDS_MAX = 5


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    options.add_environment(parser)
    options.add_reason(
        parser,
        "why this is released, for the journal and the report (default: the subject of the git commit)",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help=f"while another change runs, wait for its end ({WAIT_SECONDS_MAX // 60} min at most)",
    )


def run(args: Namespace, context: Context) -> int:
    """Release, and stay until it has ended."""
    from headgate.entrypoints.cli.carrying import carried
    from headgate.entrypoints.cli.concluding import concluded

    environment = options.environment_of(args, context)
    reason = args.reason or _commit(context.settings.project)
    change_id = _proposed(context, environment, reason, wait=args.wait)
    try:
        return concluded(context, carried(context, change_id))
    except HeadgateError as error:
        _give_up(context, change_id, error.what)
        raise
    except KeyboardInterrupt:
        _give_up(context, change_id, "stopped before it began")
        raise


def _proposed(context: Context, environment: str, reason: str, *, wait: bool) -> str:
    """Propose the release, as soon as nothing else runs; the change's id."""
    for waited in range(WAIT_SECONDS_MAX):
        try:
            take_up(context)
            return _built(context, environment, reason)
        except ChangeBusy as error:
            if not wait:
                raise
            if not waited:
                context.note(f"{error.what} Waiting for its end.")
            context.clock.sleep(1.0)
    raise ChangeBusy(
        f"Another change has been running for {WAIT_SECONDS_MAX // 60} minutes.",
        where=context.settings.project,
        remedy="Look at it with `headgate watch`, or stop it with `headgate abort`.",
    )


def _built(context: Context, environment: str, reason: str) -> str:
    try:
        with working(context, "building") as progress:
            return context.application.release(
                environment=environment, reason=reason, author=context.actor, progress=progress
            )
    except KeyboardInterrupt:
        _withdraw(context, environment)
        raise


def _withdraw(context: Context, environment: str) -> None:
    """Ctrl-C or SIGTERM may come just after the release was proposed: then nobody may take it up."""
    application = context.application
    for record in application.history(environment, limit=1):
        if record.outcome is None and record.change.id not in application.running():
            application.abort(record.change.id, why="stopped before it began", author=context.actor)


def _give_up(context: Context, change_id: str, why: str) -> None:
    """A release that failed before it did anything must not begin by itself when things work again."""
    record = context.application.record(change_id)
    if record.outcome is None and record.phase in BEFORE_RUNNING:
        context.application.abort(change_id, why=why, author=context.actor)


def _commit(project: str) -> str:
    """The subject and the short name of the git commit. Raises ConfigError where there is none."""
    import subprocess

    command = ["git", "-C", project, "log", "-1", "--format=%s (%h)"]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=GIT_SECONDS_MAX)
    except (OSError, subprocess.SubprocessError):
        raise ConfigError(
            "A release needs a reason, and there is no git commit to take it from.",
            where=project,
            remedy='Give one: --reason "why this is released".',
        ) from None
    return done.stdout.decode(errors="replace").strip()[:REASON_MAX]
