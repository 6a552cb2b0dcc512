"""The exit codes: by error, and by how a change ended. docs/reference/exit-codes.md explains them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from headgate.domain import errors
from headgate.domain.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """What a command tells the shell."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REJECTED = 3
    ROLLED_BACK = 4
    BUSY = 5
    PLATFORM = 6
    INTERRUPTED = 7
    BUG = 70
    STOPPED = 130


BY_ERROR: Mapping[type[errors.HeadgateError], ExitCode] = {
    errors.ConfigError: ExitCode.USAGE,
    errors.ChangeBusy: ExitCode.BUSY,
    errors.ScriptDoesNotStart: ExitCode.FAILED,
    errors.PlatformError: ExitCode.PLATFORM,
    errors.HeadgateError: ExitCode.FAILED,
}
"""The first class, from the error's own upwards, that stands here counts."""

BY_OUTCOME: Mapping[Outcome | None, ExitCode] = {
    Outcome.DONE: ExitCode.DONE,
    Outcome.REJECTED: ExitCode.REJECTED,
    Outcome.ROLLED_BACK: ExitCode.ROLLED_BACK,
    None: ExitCode.INTERRUPTED,
}


def of_error(error: errors.HeadgateError) -> ExitCode:
    """The exit code of an error that Headgate explains."""
    return next(BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR)
