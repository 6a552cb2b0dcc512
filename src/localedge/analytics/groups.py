"""Invocations in groups, with what is told of each group. Pure."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.analytics import dimensions, quantiles
from localedge.analytics.filters import passes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from localedge.analytics.dimensions import Invocations, Value

MEMORY_GB = 0.125
"""What the platform bills for each second that an invocation lasts."""
QUANTILES = ("cpuTime", "wallTime", "requestDuration", "duration", "responseBodySize")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `wanted` is a filter, `order` has names such as `sum_requests_DESC`."""

    wanted: Mapping[str, Any]
    dimensions: tuple[str, ...]
    order: tuple[str, ...]
    limit: int
    sample_interval: int = 1


@dataclass(slots=True)
class Group:
    """Sums over the invocations that agree in their dimensions."""

    key: tuple[Value, ...]
    requests: int = 0
    errors: int = 0
    sum_ms: float = 0.0
    cpu_us: float = 0.0
    buckets: Counter[int] = field(default_factory=Counter)
    cpu_means: list[tuple[float, float]] = field(default_factory=list)

    def add(self, invocations: Invocations) -> None:
        row, share, requests = invocations.row, invocations.share, invocations.requests
        self.requests += requests
        self.errors += requests if invocations.status != "success" else 0
        self.sum_ms += row.sum_ms * share
        self.cpu_us += row.cpu_us * share
        for bucket, count in row.buckets.items():
            self.buckets[bucket] += count * share  # type: ignore[assignment] # a part of a row's histogram
        self.cpu_means.append((row.cpu_us / row.requests, requests))


def answer(
    invocations: Iterable[Invocations],
    question: Question,
    *,
    edges_ms: Sequence[float],
    tag_of: Callable[[str], str],
) -> list[dict[str, Any]]:
    """The groups in the order that was asked for. `BadFilter`."""
    ordered = tuple(name for term in question.order if (name := _dimension(term)))
    by = tuple(dict.fromkeys((*question.dimensions, *ordered)))
    groups: dict[tuple[Value, ...], Group] = {}
    for one in invocations:
        value_of = functools.partial(_value, one, tag_of)
        if passes(question.wanted, value_of):
            key = tuple(value_of(name) for name in by)
            groups.setdefault(key, Group(key)).add(one)
    shown = [_shown(group, by, edges_ms, question.sample_interval) for group in groups.values()]
    for term in reversed(question.order):
        shown.sort(key=functools.partial(_place, term), reverse=term.endswith("_DESC"))
    return shown[: question.limit]


def _value(one: Invocations, tag_of: Callable[[str], str], dimension: str) -> Value:
    return one.value(dimension, tag_of)


def _dimension(term: str) -> str:
    """`datetime_ASC` -> `datetime`; nothing for a measure."""
    name = term.rpartition("_")[0]
    return name if name in dimensions.DIMENSIONS else ""


def _place(term: str, shown: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what sorts
    where = term.rpartition("_")[0]
    if where == "count":
        return shown["count"]
    room, _, name = where.partition("_")
    value = shown[room][name] if name else shown["dimensions"][where]
    value = value() if callable(value) else value
    return 0 if value is None else value


def _shown(
    group: Group, by: Sequence[str], edges_ms: Sequence[float], sample_interval: int
) -> dict[str, Any]:
    wall_us = round(group.sum_ms * 1000)
    sums = {
        "requests": group.requests,
        "errors": group.errors,
        "clientDisconnects": None,
        "subrequests": None,
        "responseBodySize": None,
        "cpuTimeUs": round(group.cpu_us),
        "wallTime": wall_us,
        "requestDuration": wall_us,
        "duration": group.sum_ms / 1000 * MEMORY_GB,
    }
    return {
        "count": group.requests,
        "sum": sums,
        "avg": {"sampleInterval": float(sample_interval)},
        "quantiles": _quantiles(group, edges_ms),
        "dimensions": {name: dimensions.told(name, value) for name, value in zip(by, group.key, strict=True)},
    }


def _quantiles(group: Group, edges_ms: Sequence[float]) -> dict[str, Callable[..., float | None]]:
    """Each is worked out when it is asked for."""
    return {
        f"{name}{percentile}": functools.partial(_quantile, group, edges_ms, name, share)
        for name in QUANTILES
        for percentile, share in quantiles.PERCENTILES.items()
    }


def _quantile(group: Group, edges_ms: Sequence[float], name: str, share: float, *_: object) -> float | None:
    if name == "responseBodySize":
        return None
    if name == "cpuTime":
        return round(quantiles.weighted(group.cpu_means, share))
    took_ms = quantiles.of_histogram(group.buckets, edges_ms, share)
    return took_ms / 1000 * MEMORY_GB if name == "duration" else round(took_ms * 1000)
