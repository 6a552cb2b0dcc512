"""Signals that ask to end: kept in mind while a change is carried, so that they never cut through it."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

IMPATIENT = 3
"""At the third Ctrl-C the process ends where it is."""

AGAIN_SECONDS = 0.02
"""When to try again to stop where it could not be done safely."""

TO_END = (signal.SIGTERM, signal.SIGHUP)
"""What a service manager, a CI job or a terminal that is closed sends."""


class Interrupts:
    """What was asked for while this was entered: how often Ctrl-C was pressed, and whether to end at once."""

    def __init__(self) -> None:
        self.count = 0
        self.to_end = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {signal.SIGINT: signal.signal(signal.SIGINT, self._pressed)}
        # SIGALRM: `stopping` was told to end just before, and could not yet.
        numbers = (signal.SIGALRM, *_heard())
        self._before |= {number: signal.signal(number, self._told_to_end) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count >= IMPATIENT:
            os._exit(ExitCode.INTERRUPTED)

    def _told_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self.to_end = True


@contextmanager
def stopping() -> Iterator[None]:
    """While nothing is carried, SIGTERM and SIGHUP stop a command as Ctrl-C does: with KeyboardInterrupt."""
    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # only the main thread hears signals
        numbers = (signal.SIGINT, signal.SIGALRM, *_heard())
        before = {number: signal.signal(number, _stop) for number in numbers}
    try:
        yield
    finally:
        if before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, frame: FrameType | None) -> None:
    if _importing(frame):
        # Raised there, it could get lost, and leave Python's import lock taken for ever.
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        return
    # A closed terminal sends more than one, and the next must not disturb the tidying up.
    for number in TO_END:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    """Whether a module is being loaded."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _heard() -> list[signal.Signals]:
    """Those that are not ignored: `nohup` has SIGHUP ignored, and means it."""
    return [number for number in TO_END if signal.getsignal(number) is not signal.SIG_IGN]
