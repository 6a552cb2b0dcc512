"""Ctrl-C counted instead of raised, so that it never cuts through the middle of something."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, Self

from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from types import FrameType

IMPATIENT = 3
"""At the third Ctrl-C the process ends where it is."""


class Interrupts:
    """How often Ctrl-C was pressed while this was entered."""

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count >= IMPATIENT:
            os._exit(ExitCode.INTERRUPTED)
