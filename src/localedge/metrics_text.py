"""The counters as Prometheus text: the format in which Headgate and Prometheus read them at `/metrics`.

    localedge_requests_total{script,version,status}               requests that the version answered
    localedge_exceptions_total{script,version}                    those that an exception ended
    localedge_unanswered_total{script,version}                    broken off by the version's process
    localedge_disconnects_total{script,version}                   whose client left before the answer
    localedge_invocations_total{script,version,outcome}           requests and unanswered, by outcome
    localedge_request_duration_seconds_bucket{script,version,le}  to the first byte; with _sum and _count
    localedge_inflight{script,version}                            being answered now
    localedge_cpu_seconds_total{script,version}                   of the version's processes, with their start
    localedge_process_resident_memory_bytes{process}              of each process of the edge
    localedge_process_restarts_total{process}                     since the process was wanted
    localedge_queue_backlog_messages{queue}                       not yet acknowledged; also _bytes

Names that end in `_total`, and the durations, only grow while the edge lives, and start from zero with it.
`version` is the version's id. CPU time and memory are told on Linux alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from localedge.queues.model import Backlog
    from localedge.runtime import VersionCounters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

DURATION = "localedge_request_duration_seconds"


@dataclass(frozen=True, slots=True)
class ProcessMetrics:
    """Of one process of the edge. None where it is not known."""

    name: str
    restarts: int
    resident_bytes: int | None


def exposition(
    counters: Iterable[VersionCounters],
    *,
    cpu_seconds: Mapping[str, float] = MappingProxyType({}),
    processes: Iterable[ProcessMetrics] = (),
    backlogs: Mapping[str, Backlog] = MappingProxyType({}),
) -> str:
    """The text, one family after the other, as the format wants it.

    `cpu_seconds` by version, `backlogs` by the queue's name.
    """
    versions = sorted(counters, key=lambda one: (one.script, one.version_id))
    lines = itertools.chain(
        _lines(versions), _cpu(versions, cpu_seconds), _processes(processes), _queues(backlogs)
    )
    return "".join(f"{line}\n" for line in lines)


def _lines(versions: Sequence[VersionCounters]) -> Iterator[str]:
    yield "# TYPE localedge_requests_total counter"
    for one in versions:
        for status, count in sorted(one.statuses.items()):
            yield _sample("localedge_requests_total", {**_labels(one), "status": str(status)}, count)
    yield "# TYPE localedge_exceptions_total counter"
    for one in versions:
        yield _sample("localedge_exceptions_total", _labels(one), one.exceptions)
    yield "# TYPE localedge_unanswered_total counter"
    for one in versions:
        yield _sample("localedge_unanswered_total", _labels(one), one.unanswered)
    yield "# TYPE localedge_disconnects_total counter"
    for one in versions:
        yield _sample("localedge_disconnects_total", _labels(one), one.disconnects)
    yield "# TYPE localedge_invocations_total counter"
    for one in versions:
        for outcome, count in _outcomes(one).items():
            yield _sample("localedge_invocations_total", {**_labels(one), "outcome": outcome}, count)
    yield f"# TYPE {DURATION} histogram"
    for one in versions:
        yield from _histogram(one)
    yield "# TYPE localedge_inflight gauge"
    for one in versions:
        yield _sample("localedge_inflight", _labels(one), one.inflight)


def _histogram(one: VersionCounters) -> Iterator[str]:
    edges = [*(f"{edge_ms / 1000:g}" for edge_ms in one.latency.edges_ms), "+Inf"]
    for edge, count in zip(edges, one.latency.counts, strict=True):
        yield _sample(f"{DURATION}_bucket", {**_labels(one), "le": edge}, count)
    yield _sample(f"{DURATION}_sum", _labels(one), one.latency.sum_ms / 1000)
    yield _sample(f"{DURATION}_count", _labels(one), one.latency.counts[-1])


def _outcomes(one: VersionCounters) -> dict[str, int]:
    """The ways in which an invocation can end that the router can tell apart."""
    answered = one.requests - one.exceptions
    return {"ok": answered, "exception": one.exceptions, "unanswered": one.unanswered}


def _cpu(versions: Sequence[VersionCounters], cpu_seconds: Mapping[str, float]) -> Iterator[str]:
    yield "# TYPE localedge_cpu_seconds_total counter"
    for one in versions:
        if one.version_id in cpu_seconds:
            yield _sample("localedge_cpu_seconds_total", _labels(one), cpu_seconds[one.version_id])


def _processes(processes: Iterable[ProcessMetrics]) -> Iterator[str]:
    by_name: dict[str, ProcessMetrics] = {}
    for one in processes:  # a version that is replaced has two for a moment; the one that serves comes first
        by_name.setdefault(one.name, one)
    told = sorted(by_name.values(), key=lambda one: one.name)
    yield "# TYPE localedge_process_resident_memory_bytes gauge"
    for one in told:
        if one.resident_bytes is not None:
            labels = {"process": one.name}
            yield _sample("localedge_process_resident_memory_bytes", labels, one.resident_bytes)
    yield "# TYPE localedge_process_restarts_total counter"
    for one in told:
        yield _sample("localedge_process_restarts_total", {"process": one.name}, one.restarts)


def _queues(backlogs: Mapping[str, Backlog]) -> Iterator[str]:
    yield "# TYPE localedge_queue_backlog_messages gauge"
    for name, backlog in sorted(backlogs.items()):
        yield _sample("localedge_queue_backlog_messages", {"queue": name}, backlog.count)
    yield "# TYPE localedge_queue_backlog_bytes gauge"
    for name, backlog in sorted(backlogs.items()):
        yield _sample("localedge_queue_backlog_bytes", {"queue": name}, backlog.size_bytes)


def _labels(one: VersionCounters) -> dict[str, str]:
    return {"script": one.script, "version": one.version_id}


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
