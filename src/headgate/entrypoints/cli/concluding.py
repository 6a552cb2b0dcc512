"""The end of a command that carried or followed a change: what is said, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.record import Outcome
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context

BY_OUTCOME: Mapping[Outcome | None, ExitCode] = {
    Outcome.DONE: ExitCode.DONE,
    Outcome.REJECTED: ExitCode.REJECTED,
    Outcome.ROLLED_BACK: ExitCode.ROLLED_BACK,
    None: ExitCode.INTERRUPTED,
}


def concluded(context: Context, record: ChangeRecord, *, wanted: tuple[Outcome, ...] = ()) -> int:
    """Say how a change ended; the exit code. An outcome among `wanted` is what the command was given for."""
    code = ExitCode.DONE if record.outcome in wanted else BY_OUTCOME[record.outcome]
    if context.json:
        from headgate.entrypoints.cli.views.as_json import change_as_json

        context.give({**change_as_json(record), "exit_code": int(code)})
    else:
        from headgate.entrypoints.cli.views.summary import summary

        context.say()
        context.say("\n".join(summary(record, now=context.clock.now(), ink=context.ink)))
    return code
