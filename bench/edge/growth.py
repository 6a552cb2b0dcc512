"""What grows with the number of versions: the cost of a change of the split, and memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.edge.running import RunningEdge

STEPS = (1, 10, 100)
CHANGES = 40
MIB_KIB = 1024


@dataclass(frozen=True)
class Step:
    """With so many versions deployed: the seconds that each change took, and memory of all processes."""

    versions: int
    changes: tuple[float, ...]
    pss_mib: float
    rss_mib: float
    processes: int

    @property
    def change(self) -> float:
        """Of one change, in seconds."""
        return median(self.changes)

    def __str__(self) -> str:
        slowest = sorted(self.changes)[round(0.95 * len(self.changes)) - 1]
        return (
            f"  {self.versions:4}   change {self.change * 1000:6.1f} ms (95 %: {slowest * 1000:.1f} ms)"
            f"   memory {self.pss_mib:6,.0f} MiB (RSS {self.rss_mib:,.0f} MiB) in {self.processes} processes"
        )


def of_scripts(edge: RunningEdge) -> tuple[Step, ...]:
    """With 1, 10 and 100 Workers of one version each. The one whose split changes has a second version."""
    pair = [edge.upload("grown-1", first=True), edge.upload("grown-1")]
    steps, deployed = [], 1
    for wanted in STEPS:
        for number in range(deployed, wanted):
            edge.upload(f"grown-{number + 1}", first=True)
        deployed = wanted
        steps.append(_step(edge, "grown-1", pair, wanted))
    return tuple(steps)


def of_versions(edge: RunningEdge) -> tuple[Step, ...]:
    """With 1, 10 and 100 versions of one Worker, and one more for the split."""
    versions = [edge.upload("long", first=True)]
    steps = []
    for wanted in STEPS:
        while len(versions) <= wanted:
            versions.append(edge.upload("long"))
        steps.append(_step(edge, "long", versions[-2:], wanted))
    return tuple(steps)


def _step(edge: RunningEdge, script: str, pair: list[str], versions: int) -> Step:
    changes = tuple(_changes(edge, script, pair))
    pids = _processes(edge.pid)
    memory = [_memory_kib(pid) for pid in pids]
    pss, rss = (sum(column) / MIB_KIB for column in zip(*memory, strict=True))
    return Step(versions, changes, pss, rss, len(pids))


def _changes(edge: RunningEdge, script: str, pair: list[str]) -> Iterator[float]:
    """Seconds of each change; the first two start what has been asleep, and are left out."""
    old, new = pair
    for number in range(CHANGES + 2):
        share = number % 100
        began = time.perf_counter()
        edge.split(script, {old: 100 - share, new: share} if share else {old: 50, new: 50})
        if number >= 2:
            yield time.perf_counter() - began


def _processes(parent: int) -> list[int]:
    """The edge and the processes that it has started."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if parent in {pid, _parent(pid)}]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


def _memory_kib(pid: int) -> tuple[int, int]:
    """Its share of memory (PSS) and what it maps (RSS), as the kernel has them."""
    fields = dict.fromkeys(("Pss:", "Rss:"), 0)
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(" ")
            if name in fields:
                fields[name] = int(rest.split()[0])
    except OSError:  # it has ended meanwhile
        pass
    return fields["Pss:"], fields["Rss:"]
