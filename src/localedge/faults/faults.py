"""Everything about faults that an edge has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localedge.faults.lag import Lag
from localedge.faults.plan import Plan

if TYPE_CHECKING:
    from localedge.faults.processes import ProcessFaults
    from localedge.faults.traffic import TrafficFaults


@dataclass(frozen=True, slots=True)
class Faults:
    """Which are asked for: of the API's answers, of reads that lag, of processes, of versions."""

    processes: ProcessFaults
    traffic: TrafficFaults
    plan: Plan = field(default_factory=Plan)
    lag: Lag = field(default_factory=Lag)
