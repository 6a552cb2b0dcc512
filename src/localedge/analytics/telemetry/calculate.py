"""Calculations over telemetry events: counts, sums, quantiles, by group and over time. Pure."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.analytics.quantiles import weighted
from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localedge.analytics.telemetry.fields import Scalar

    Operator = Callable[[Sequence[tuple[float, float]]], float]

SHARES = {
    "median": 0.5,
    "p001": 0.001,
    "p01": 0.01,
    "p05": 0.05,
    "p10": 0.1,
    "p25": 0.25,
    "p75": 0.75,
    "p90": 0.9,
    "p95": 0.95,
    "p99": 0.99,
    "p999": 0.999,
}
DISTINCT = ("uniq", "count_distinct")
CALCULATIONS_MAX = 20
GROUP_KEYS_MAX = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """A flat event, how many it stands for, and when it was."""

    fields: Mapping[str, Scalar]
    weight: float
    at_ms: int


@dataclass(frozen=True, slots=True)
class Calculation:
    """One operator over one field; `count` needs none."""

    operator: str
    key: str
    alias: str | None

    @property
    def name(self) -> str:
        return self.alias or self.operator


def read_calculations(parameters: Mapping[str, Any]) -> list[Calculation]:
    """Those of the parameters; a count when they name none. `Invalid`."""
    asked = parameters.get("calculations") or [{"operator": "count"}]
    if not isinstance(asked, list) or len(asked) > CALCULATIONS_MAX:
        raise Invalid(CODE_MALFORMED, f"calculations has to be a list of at most {CALCULATIONS_MAX}")
    return [_read(one) for one in asked]


def _read(one: object) -> Calculation:
    if not isinstance(one, dict):
        raise Invalid(CODE_MALFORMED, "each calculation has to be an object with an operator")
    operator, key = str(one.get("operator", "")), str(one.get("key") or "")
    small = operator.lower()
    if small != "count" and small not in DISTINCT and small not in OPERATORS:
        raise Invalid(CODE_MALFORMED, f"there is no operator {operator!r}")
    if small != "count" and not key:
        raise Invalid(CODE_MALFORMED, f"the operator {operator} needs a key")
    return Calculation(operator, key, str(one["alias"]) if one.get("alias") else None)


def read_groups(parameters: Mapping[str, Any]) -> list[str]:
    """The fields to group by. `Invalid`."""
    asked = parameters.get("groupBys") or []
    if (
        not isinstance(asked, list)
        or len(asked) > GROUP_KEYS_MAX
        or not all(isinstance(g, dict) for g in asked)
    ):
        raise Invalid(CODE_MALFORMED, f"groupBys has to be a list of at most {GROUP_KEYS_MAX} objects")
    return [str(group.get("value", "")) for group in asked]


def grouped(samples: Sequence[Sample], keys: Sequence[str]) -> dict[tuple[Scalar, ...], list[Sample]]:
    """Samples that agree in these fields. One that lacks a field is in no group."""
    groups: dict[tuple[Scalar, ...], list[Sample]] = defaultdict(list)
    for sample in samples:
        if all(key in sample.fields for key in keys):
            groups[tuple(sample.fields[key] for key in keys)].append(sample)
    return groups


def aggregate(calculation: Calculation, samples: Sequence[Sample]) -> dict[str, Any]:
    """Value, count and sample interval."""
    weight = sum(sample.weight for sample in samples)
    interval = weight / len(samples) if samples else 1.0
    value = round(_value(calculation, samples, weight), 6)
    return {"value": value, "count": round(weight, 6), "interval": interval, "sampleInterval": interval}


def _value(calculation: Calculation, samples: Sequence[Sample], weight: float) -> float:
    operator, key = calculation.operator.lower(), calculation.key
    if operator == "count":
        return weight
    if operator in DISTINCT:
        return len({sample.fields[key] for sample in samples if key in sample.fields})
    numbers = [
        (float(found), sample.weight)
        for sample in samples
        if isinstance(found := sample.fields.get(key), int | float)
    ]
    return OPERATORS[operator](numbers) if numbers else 0.0


def _sum(numbers: Sequence[tuple[float, float]]) -> float:
    return sum(value * weight for value, weight in numbers)


def _mean(numbers: Sequence[tuple[float, float]]) -> float:
    return _sum(numbers) / sum(weight for _, weight in numbers)


def _variance(numbers: Sequence[tuple[float, float]]) -> float:
    mean = _mean(numbers)
    return _mean([((value - mean) ** 2, weight) for value, weight in numbers])


def _quantile(share: float) -> Operator:
    return lambda numbers: weighted(numbers, share)


OPERATORS: dict[str, Operator] = {
    "sum": _sum,
    "avg": _mean,
    "min": lambda numbers: min(value for value, _ in numbers),
    "max": lambda numbers: max(value for value, _ in numbers),
    "variance": _variance,
    "stddev": lambda numbers: _variance(numbers) ** 0.5,
    **{name: _quantile(share) for name, share in SHARES.items()},
}


def time_of(at_ms: float) -> str:
    """As the API writes it."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
