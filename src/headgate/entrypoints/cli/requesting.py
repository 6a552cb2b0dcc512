"""Commands that tell a running change something, and do not stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    options.add_change(parser, "the one that runs")
    options.add_reason(parser, "why, for the journal and the report")


def told(args: Namespace, context: Context, tell: Callable[[str, str], object], said: str) -> int:
    """Tell the change; whoever carries it hears of it at once, and if nobody does, it is taken up."""
    change_id = options.change_of(args, context)
    tell(change_id, args.reason or "asked for")
    take_up_in_background(context)
    return answered(context, change_id, said)


def answered(context: Context, change_id: str, said: str) -> int:
    """Say what the change was told."""
    if context.json:
        context.give({"change": change_id, "asked": said, "exit_code": int(ExitCode.DONE)})
    else:
        context.say(f"Told {change_id}: {said}. `headgate watch` follows it.")
    return ExitCode.DONE
