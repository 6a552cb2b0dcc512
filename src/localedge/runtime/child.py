"""One workerd process: started, known to listen, and dead when its parent dies."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.runtime.errors import ProcessFailed
from localedge.runtime.processor import cpu_seconds_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localedge.runtime.logs import LogFile

START_SECONDS = 30.0
STOP_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.05
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Command:
    """What it takes to start a process: its sockets are open already, and stay so when it ends."""

    name: str
    workerd: Path
    config: Path
    listeners: Mapping[str, socket.socket]
    log: LogFile
    experimental: bool = False
    debug_socket: Path | None = None
    """Where other processes of the edge call the services of this one by name. workerd binds it itself."""
    start_seconds: float = START_SECONDS
    start_cpu_seconds: float | None = None
    """How much processor time the start may take, where the system tells (Linux)."""


class Child:
    """A process that listens."""

    def __init__(self, process: asyncio.subprocess.Process, startup_ms: float) -> None:
        self._process = process
        self.startup_ms = startup_ms

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    @classmethod
    async def start(cls, command: Command) -> Child:
        """Start it and wait until it listens. `ProcessFailed` with what it said if it does not."""
        began = time.perf_counter()
        reading, writing = os.pipe()
        try:
            process = await _spawn(command, writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        child = cls(process, 0.0)
        spent = asyncio.Event()
        budget = asyncio.create_task(_spend(child, command.start_cpu_seconds, spent))
        try:
            listens = await _lines(reading, _sockets(command), within_seconds=command.start_seconds)
        except BaseException:
            await child.kill()
            raise
        finally:
            budget.cancel()
            await asyncio.wait({budget})
        if not listens:
            await child.kill()
            if spent.is_set():
                raise ProcessFailed(command.name, "Script startup exceeded CPU time limit.")
            seconds = time.perf_counter() - began
            raise ProcessFailed(
                command.name, command.log.said() or f"it had not started after {seconds:.0f} s"
            )
        child.startup_ms = (time.perf_counter() - began) * 1000
        return child

    async def ended(self) -> int:
        """Wait for its end; the exit status, negative for a signal."""
        return await self._process.wait()

    async def stop(self, *, within_seconds: float = STOP_SECONDS) -> None:
        """Let it finish what it has begun, for so long; then kill it."""
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_seconds):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        self._send(signal.SIGKILL)
        await self._process.wait()

    def _send(self, number: signal.Signals) -> None:
        """Not by asyncio's own methods, which reap the process themselves where asyncio's watcher should."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)


async def _spend(child: Child, cpu_seconds: float | None, spent: asyncio.Event) -> None:
    """Kill the process when it has taken so much processor time; `spent` is set then."""
    if cpu_seconds is None:
        return
    while not spent.is_set():
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        if (cpu_seconds_of(child.pid) or 0.0) >= cpu_seconds:
            spent.set()
    await child.kill()


def _sockets(command: Command) -> int:
    return len(command.listeners) + (command.debug_socket is not None)


async def _spawn(command: Command, control: int) -> asyncio.subprocess.Process:
    descriptors = {name: listener.fileno() for name, listener in command.listeners.items()}
    sockets = [f"--socket-fd={name}={descriptor}" for name, descriptor in descriptors.items()]
    experimental = ["--experimental"] if command.experimental else []
    debug: list[str] = []
    if command.debug_socket is not None:
        command.debug_socket.unlink(missing_ok=True)  # of the process before
        debug = [f"--debug-port=unix:{command.debug_socket}"]
    log = command.log.open()
    try:
        return await asyncio.create_subprocess_exec(
            command.workerd,
            "serve",
            "--import-path=/",
            f"--control-fd={control}",
            *sockets,
            *experimental,
            *debug,
            command.config,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={},
            pass_fds=[control, *descriptors.values()],
            start_new_session=True,
            preexec_fn=_dies_with_parent(),
        )
    finally:
        os.close(log)


async def _lines(descriptor: int, wanted: int, *, within_seconds: float) -> bool:
    """Whether so many lines come in time; workerd writes one for each socket that it listens on."""
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb")
    )
    try:
        async with asyncio.timeout(within_seconds):
            for _ in range(wanted):
                if not await stream.readline():
                    return False
    except TimeoutError:
        return False
    finally:
        transport.close()
    return True


def _prctl() -> Callable[[int, int], int] | None:
    if sys.platform != "linux":
        return None
    function: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return function


_PRCTL = _prctl()


def _dies_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes workerd: ask the kernel to kill it when this process ends.

    The library is loaded before, as nothing may be loaded between fork and exec. Linux only.
    """
    prctl, parent = _PRCTL, os.getpid()
    if prctl is None:
        return None

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return ask
