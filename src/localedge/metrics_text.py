"""The counters as Prometheus text: the format in which Headgate and Prometheus read them at `/metrics`.

    localedge_requests_total{script,version,status}               requests that the version answered
    localedge_exceptions_total{script,version}                    those that an exception ended
    localedge_unanswered_total{script,version}                    broken off by the version's process
    localedge_request_duration_seconds_bucket{script,version,le}  to the first byte; with _sum and _count
    localedge_inflight{script,version}                            being answered now

All but the last only grow while the edge lives, and start from zero with it. `version` is the version's id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from localedge.runtime import VersionCounters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

DURATION = "localedge_request_duration_seconds"


def exposition(counters: Iterable[VersionCounters]) -> str:
    """The text, one family after the other, as the format wants it."""
    versions = sorted(counters, key=lambda one: (one.script, one.version_id))
    return "".join(f"{line}\n" for line in _lines(versions))


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


def _labels(one: VersionCounters) -> dict[str, str]:
    return {"script": one.script, "version": one.version_id}


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
