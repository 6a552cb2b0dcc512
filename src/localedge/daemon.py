"""Starting an edge that outlives the command that starts it, stopping it, reading its log.

All waits are bounded.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

from localedge.instance import LOG, AlreadyRunning, Instance, read_instance, running_pid

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path
    from typing import TextIO

START_SECONDS = 30.0
STOP_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.02
FOLLOW_EVERY_SECONDS = 0.2


class DidNotStart(Exception):
    """The edge ended or was not ready in time; the text has the end of its log."""


class DidNotStop(Exception):
    """The edge was asked to stop and did not."""


def start(folder: Path, arguments: Sequence[str]) -> Instance:
    """Start the folder's edge in a session of its own, with these arguments, and wait until it is ready."""
    if (other := read_instance(folder)) is not None:
        message = f"a local edge runs on {folder} already: process {other.pid}, {other.api_url}"
        raise AlreadyRunning(message)
    log = folder / LOG
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "localedge", "up", "--foreground", "--log-to-file"]
    with log.open("ab") as output:
        begun_at = output.tell()
        process = subprocess.Popen(
            [*command, "--folder", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return _wait_until_ready(folder, process, begun_at)


def stop(folder: Path, pid: int) -> None:
    """Ask the edge to stop, and wait until the folder is free again."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running_pid(folder) == pid:
        if time.monotonic() > deadline:
            message = (
                f"the local edge (process {pid}) did not stop within {STOP_SECONDS:g} s; see {folder / LOG}"
            )
            raise DidNotStop(message)
        time.sleep(LOOK_EVERY_SECONDS)


def log_lines(path: Path, *, last: int, follow: bool, folder: Path) -> Generator[str]:
    """The last lines of the log; with `follow` also the new ones, for as long as the edge runs."""
    with contextlib.ExitStack() as opened:
        file = opened.enter_context(path.open(errors="replace"))
        yield from deque(file, maxlen=max(last, 0))
        while follow and running_pid(folder) is not None:
            yield from iter(file.readline, "")
            if _turned_over(path, file):
                file = opened.enter_context(path.open(errors="replace"))
            time.sleep(FOLLOW_EVERY_SECONDS)
        yield from iter(file.readline, "")


def _turned_over(path: Path, file: TextIO) -> bool:
    """Whether the log has grown so large that a new file was begun."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes], begun_at: int) -> Instance:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        instance = read_instance(folder)
        if instance is not None and instance.pid == process.pid:
            return instance
        if process.poll() is not None:
            raise DidNotStart(
                _end_of_log(folder, begun_at) or f"it ended with exit code {process.returncode}"
            )
        time.sleep(LOOK_EVERY_SECONDS)
    process.terminate()
    message = f"the local edge was not ready within {START_SECONDS:g} s\n{_end_of_log(folder, begun_at)}"
    raise DidNotStart(message)


def _end_of_log(folder: Path, begun_at: int) -> str:
    """What the edge wrote since it was started, its last lines."""
    with (folder / LOG).open(errors="replace") as file:
        file.seek(begun_at)
        return "".join(deque(file, maxlen=20)).strip().removeprefix("localedge: ")
