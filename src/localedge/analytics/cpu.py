"""CPU time of processes, from what Linux tells at /proc; elsewhere it is not known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = "version-"
"""How the names of versions' processes begin."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one process so far."""

    cpu_seconds: float
    resident_bytes: int


def usage(pid: int) -> Usage | None:
    """None when the process has ended, or the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it ended meanwhile, or this is not Linux
        return None
    # The second field is the program's name, in parentheses, and may hold anything.
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


class CpuSums:
    """CPU time of each version since the edge started, over all its processes one after the other.

    What a process used between the last look at it and its end is not in the sum.
    """

    def __init__(self) -> None:
        self._ended: dict[str, float] = {}
        self._running: dict[str, dict[int, float]] = {}

    def note(self, seen: Iterable[tuple[str, int, float]]) -> None:
        """`seen` has version, process id and CPU seconds of every process that runs now."""
        now: dict[str, dict[int, float]] = {}
        for version_id, pid, seconds in seen:
            now.setdefault(version_id, {})[pid] = seconds
        for version_id, before in self._running.items():
            ended = (seconds for pid, seconds in before.items() if pid not in now.get(version_id, {}))
            self._ended[version_id] = self._ended.get(version_id, 0.0) + sum(ended)
        self._running = now

    def seconds(self) -> dict[str, float]:
        """By version."""
        versions = self._ended | self._running
        return {
            name: self._ended.get(name, 0.0) + sum(self._running.get(name, {}).values()) for name in versions
        }
