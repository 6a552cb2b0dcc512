"""Processor time of a process, from what Linux tells at /proc."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_seconds_of(pid: int) -> float | None:
    """All that it used so far; None when it has ended, or the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it ended meanwhile, or this is not Linux
        return None
    # The second field is the program's name, in parentheses, and may hold anything.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
