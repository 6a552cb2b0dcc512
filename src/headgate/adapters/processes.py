"""Runs a program with a bound on its time and on the output that is kept; nothing of it outlives the call.

Should this process be killed, the kernel kills the program too (on Linux), though not what that started.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_READ_BYTES = 1 << 16
_AFTER_END_SECONDS = 0.2
_GRACE_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1


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
    with running(command, folder=folder, environment=environment, output=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - because of PIPE
        timed_out = not _read_until_end(process, process.stdout, tail, started + timeout_seconds)
    return Finished(process.returncode, tail.text(), time.monotonic() - started, timed_out)


@contextmanager
def running(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], output: IO[bytes] | int
) -> Iterator[subprocess.Popen[bytes]]:
    """A program without input, whose outputs both go to `output`; nothing of it outlives the context."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a group of its own, so that all of it can be ended
        preexec_fn=_dies_with_us(),  # noqa: PLW1509 - it calls the kernel, and takes no lock
    ) as process:
        _GROUPS.add(process.pid)
        try:
            yield process
        finally:
            _GROUPS.discard(process.pid)
            _end_group(process)


def end_all() -> None:
    """Kill every program that runs, with all that it started, and wait for none. For a process that ends."""
    for group in tuple(_GROUPS):
        _signal_group(group, signal.SIGKILL)


_GROUPS: set[int] = set()
"""The groups of the programs that run, by number: a signal to end is for the whole process."""


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


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the program and of what it started; only a program still at work is asked first."""
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGTERM)
        _wait(process, _GRACE_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nothing is left of the group
        os.killpg(group, number)


def _dies_with_us() -> Callable[[], None] | None:
    """What the child does before it becomes the program: ask the kernel to kill it when we are gone.

    "We" is the thread that starts it, which waits for its end. The library is loaded here, as nothing may be
    loaded between fork and exec. None where the kernel is not Linux.
    """
    if sys.platform != "linux":
        return None
    import ctypes

    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we were gone before it asked
            os._exit(1)

    return ask
