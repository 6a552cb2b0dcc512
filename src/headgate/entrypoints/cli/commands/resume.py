"""`headgate resume`: take up what was interrupted, and do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli.concluding import BY_OUTCOME
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(_args: Namespace, context: Context) -> int:
    """The exit code of the last change that did not end well, or 0."""
    records = take_up(context)
    codes = [BY_OUTCOME[record.outcome] for record in records]
    code = next((code for code in reversed(codes) if code), ExitCode.DONE)
    if context.json:
        from headgate.entrypoints.cli.views.as_json import change_as_json

        context.give({"changes": [change_as_json(record) for record in records], "exit_code": int(code)})
        return code
    from headgate.entrypoints.cli.views.summary import summary

    for record in records:
        context.say("\n".join(("", *summary(record, now=context.clock.now(), ink=context.ink))))
    if not records:
        context.say("Nothing was interrupted.")
    return code
