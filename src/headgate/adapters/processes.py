"""Runs a program with a bound on its time and on the output that is kept; nothing of it outlives the call."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_READ_BYTES = 1 << 16
_AFTER_END_SECONDS = 0.2
_GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. `output` is the end of what it wrote to standard output and standard error."""

    exit_code: int
    """Negative: the number of the signal that ended it."""
    output: str
    seconds: float
    timed_out: bool

    @property
    def succeeded(self) -> bool:
        """Whether it ended well and in time. One that is asked to end at the time limit may end with 0."""
        return self.exit_code == 0 and not self.timed_out


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_seconds: float,
    output_bytes_max: int = 1 << 20,
) -> Finished:
    """Run a program without a shell and without input, and wait for its end.

    At the time limit it and all that it started are asked to end, and soon after are killed. Raises OSError
    where it cannot be started.
    """
    started = time.monotonic()
    tail = _Tail(output_bytes_max)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a group of its own, so that all of it can be ended
    ) as process:
        assert process.stdout is not None  # noqa: S101 - because of PIPE
        try:
            timed_out = not _read_until_end(process, process.stdout, tail, started + timeout_seconds)
        finally:
            end_group(process)
    return Finished(process.returncode, tail.text(), time.monotonic() - started, timed_out)


class _Tail:
    """The last bytes of an output."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) >= self._bytes_max:
            self._size -= len(self._pieces.popleft())

    def text(self) -> str:
        return b"".join(self._pieces)[-self._bytes_max :].decode(errors="replace")


def _read_until_end(
    process: subprocess.Popen[bytes], output: IO[bytes], tail: _Tail, deadline: float
) -> bool:
    """Read until the program has ended; False if the deadline came first.

    What it started may hold the output open after its end; that is waited for only briefly.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if process.poll() is not None:
                left = min(left, _AFTER_END_SECONDS)
            if selector.select(min(left, _AFTER_END_SECONDS)):
                piece = os.read(output.fileno(), _READ_BYTES)
                if not piece:
                    return _wait(process, left)
                tail.add(piece)
            elif process.poll() is not None:
                return True
    return False


def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the program and of what it started; only a program still at work is asked first."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        _wait(process, _GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nothing is left of the group
        os.killpg(process.pid, number)
