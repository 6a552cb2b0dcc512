"""The views of a telemetry query: events, invocations, calculations; and which keys and values there are."""

from __future__ import annotations

import operator
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.analytics.telemetry.calculate import (
    Sample,
    aggregate,
    grouped,
    read_calculations,
    read_groups,
    time_of,
)
from localedge.analytics.telemetry.fields import flat, type_of
from localedge.analytics.telemetry.question import read_needle
from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.analytics.telemetry.calculate import Calculation
    from localedge.analytics.telemetry.fields import Scalar
    from localedge.analytics.telemetry.question import Test
    from localedge.analytics.telemetry.table import Kept

    Group = tuple[Scalar, ...]
    Found = Sequence[tuple[Kept, Mapping[str, Scalar]]]
    """Events and their fields, newest first."""

COMPARISONS = {
    "eq": operator.eq,
    "neq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """From when to when, in ms since 1970, and in how many steps a series shows it."""

    begin_ms: int
    end_ms: int
    steps: int

    def step_of(self, at_ms: int) -> int:
        """The begin of the step in which this time is, in ms."""
        length = max(1, (self.end_ms - self.begin_ms) // self.steps)
        return self.begin_ms + (at_ms - self.begin_ms) // length * length


@dataclass(frozen=True, slots=True)
class Page:
    """So many, from behind the event with this id on; `forward` goes to older ones."""

    limit: int
    after: str = ""
    forward: bool = True


def chosen(kept: Sequence[Kept], wanted: Test) -> Found:
    """The events that are wanted, newest first, with their fields."""
    pairs = ((one, flat(one.event)) for one in kept)
    return [(one, fields) for one, fields in pairs if wanted(fields)]


def events(found: Found, page: Page) -> dict[str, Any]:
    """The view `events`."""
    told = [one.event for one, _ in found]
    seen = {key: type_of(value) for _, fields in found for key, value in fields.items()}
    return {
        "events": _paged(told, page),
        "fields": [{"key": key, "type": kind} for key, kind in sorted(seen.items())],
        "count": round(sum(one.sample_interval for one, _ in found), 6),
    }


def invocations(found: Found, page: Page) -> dict[str, Any]:
    """The view `invocations`: events by request id, the newest invocations first."""
    together: dict[str, list[Any]] = defaultdict(list)
    for one, _ in found:
        together[one.event["$metadata"]["requestId"]].append(one.event)
    return dict(list(together.items())[: page.limit])


def _paged(told: list[Any], page: Page) -> list[Any]:
    if not page.after:
        return told[: page.limit]
    if page.forward:
        return [event for event in told if event["$metadata"]["id"] < page.after][: page.limit]
    return [event for event in told if event["$metadata"]["id"] > page.after][-page.limit :]


def calculations(
    found: Found,
    parameters: Mapping[str, Any],
    frame: Frame,
    *,
    with_series: bool,
    limit: int,
    offset: int,
) -> list[dict[str, Any]]:
    """The view `calculations`: each of them by group, and over time. `Invalid`."""
    asked, keys = read_calculations(parameters), read_groups(parameters)
    samples = [Sample(fields, one.sample_interval, one.event["timestamp"]) for one, fields in found]
    groups = _having(grouped(samples, keys) if keys else {(): samples}, asked, parameters)
    shown = _ordered(groups, asked, parameters)[offset : offset + limit]
    return [
        {
            "calculation": one.operator,
            **({"alias": one.alias} if one.alias else {}),
            "aggregates": [_labelled(aggregate(one, groups[group]), keys, group) for group in shown],
            "series": _series(one, {group: groups[group] for group in shown}, keys, frame)
            if with_series
            else [],
        }
        for one in asked
    ]


def _ordered(
    groups: Mapping[Group, Sequence[Sample]], asked: Sequence[Calculation], parameters: Mapping[str, Any]
) -> list[Group]:
    """By the calculation that `orderBy` names, else by the first; the largest first."""
    order = parameters.get("orderBy")
    order = order if isinstance(order, dict) else {}
    by = next((one for one in asked if order.get("value") in (one.name, one.operator)), asked[0])
    places = {group: aggregate(by, samples)["value"] for group, samples in groups.items()}
    return sorted(groups, key=lambda group: places[group], reverse=order.get("order") != "asc")


def _having(
    groups: Mapping[Group, Sequence[Sample]], asked: Sequence[Calculation], parameters: Mapping[str, Any]
) -> dict[Group, Sequence[Sample]]:
    """The groups whose results are as `havings` want them."""
    wanted = parameters.get("havings") or []
    named = {name: one for one in asked for name in (one.operator, one.name)}
    if not isinstance(wanted, list) or not all(
        isinstance(having, dict)
        and having.get("key") in named
        and having.get("operation") in COMPARISONS
        and isinstance(having.get("value"), int | float)
        for having in wanted
    ):
        raise Invalid(
            CODE_MALFORMED, "each of havings needs the key of a calculation, an operation and a number"
        )
    return {
        group: samples
        for group, samples in groups.items()
        if all(
            COMPARISONS[having["operation"]](
                aggregate(named[having["key"]], samples)["value"], having["value"]
            )
            for having in wanted
        )
    }


def _series(
    one: Calculation, groups: Mapping[Group, Sequence[Sample]], keys: Sequence[str], frame: Frame
) -> list[dict[str, Any]]:
    steps: dict[int, dict[Group, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for group, samples in groups.items():
        for sample in samples:
            steps[frame.step_of(sample.at_ms)][group].append(sample)
    return [
        {
            "time": time_of(at_ms),
            "data": [
                _labelled(aggregate(one, samples), keys, group)
                | {
                    "firstSeen": time_of(min(sample.at_ms for sample in samples)),
                    "lastSeen": time_of(max(sample.at_ms for sample in samples)),
                }
                for group, samples in inside.items()
            ],
        }
        for at_ms, inside in sorted(steps.items())
    ]


def _labelled(shown: dict[str, Any], keys: Sequence[str], group: Group) -> dict[str, Any]:
    if not keys:
        return shown
    labels = [{"key": key, "value": value} for key, value in zip(keys, group, strict=True)]
    return shown | {"groups": labels}


def keys(found: Found, needle: object, limit: int) -> list[dict[str, Any]]:
    """The fields of these events whose names hold what is looked for, in order."""
    test = read_needle(needle) if needle else lambda _: True
    seen: dict[str, dict[str, Any]] = {}
    for one, fields in found:  # newest first
        for key, value in fields.items():
            if key not in seen and test(key):
                seen[key] = {"key": key, "type": type_of(value), "lastSeenAt": one.event["timestamp"]}
    return [seen[key] for key in sorted(seen)][:limit]


def values(found: Found, key: str, kind: str, limit: int) -> list[dict[str, Any]]:
    """What a field holds in these events, each once, the newest first."""
    held = (fields[key] for _, fields in found if key in fields and type_of(fields[key]) == kind)
    dataset = "cloudflare-workers"
    several = [
        {"dataset": dataset, "key": key, "type": kind, "value": value} for value in dict.fromkeys(held)
    ]
    return several[:limit]
