"""The exit codes. docs/reference/exit-codes.md explains them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from headgate.domain import errors

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


def of_error(error: errors.HeadgateError) -> ExitCode:
    """The exit code of an error that Headgate explains."""
    return next(BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR)
