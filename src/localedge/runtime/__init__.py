"""Serves Workers with real workerd: one process for storage, one for routing, one for each version."""

from __future__ import annotations

from localedge.runtime.addresses import AddressTable
from localedge.runtime.counters import LatencyHistogram, VersionCounters
from localedge.runtime.errors import (
    NothingServes,
    ProcessFailed,
    StartupFailed,
    ToolsMissing,
    TooManyVersions,
    TrafficPortTaken,
    UnsupportedBinding,
    VersionInUse,
    VersionNotUp,
)
from localedge.runtime.events import BatchResult, EventBroken, EventMessage
from localedge.runtime.probe import Export, Exports
from localedge.runtime.router import EDGES_MS
from localedge.runtime.runtime import Runtime
from localedge.runtime.spec import Module, ObjectClass, VersionSpec
from localedge.runtime.supervisor import ProcessStatus
from localedge.runtime.tails import TailQueue

__all__ = [
    "EDGES_MS",
    "AddressTable",
    "BatchResult",
    "EventBroken",
    "EventMessage",
    "Export",
    "Exports",
    "LatencyHistogram",
    "Module",
    "NothingServes",
    "ObjectClass",
    "ProcessFailed",
    "ProcessStatus",
    "Runtime",
    "StartupFailed",
    "TailQueue",
    "TooManyVersions",
    "ToolsMissing",
    "TrafficPortTaken",
    "UnsupportedBinding",
    "VersionCounters",
    "VersionInUse",
    "VersionNotUp",
    "VersionSpec",
]
