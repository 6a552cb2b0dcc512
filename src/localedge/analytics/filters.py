"""Filters as clients write them: `{scriptName: "shop", datetime_geq: "...", OR: [...]}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from localedge.analytics.dimensions import INTERVALS, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localedge.analytics.dimensions import Value

OPERATORS = ("neq", "gt", "geq", "lt", "leq", "in", "notin", "like", "notlike")
LISTS = ("in", "notin")
MANY = 1000


class BadFilter(ValueError):
    """The filter cannot be read; the text says why."""


def passes(wanted: Mapping[str, Any], value_of: Callable[[str], Value]) -> bool:
    """Whether all parts of the filter agree; `value_of` gives a dimension's value. `BadFilter`."""
    return all(_agrees(key, operand, value_of) for key, operand in wanted.items())


def earliest(wanted: Mapping[str, Any]) -> float:
    """Before this time, in seconds since 1970, nothing passes."""
    begins = (
        _comparable(dimension, operand) - INTERVALS[dimension]
        for key, operand in wanted.items()
        for dimension, operator in [_parts(key)]
        if dimension in INTERVALS and operator in ("geq", "gt") and operand is not None
    )
    return max(begins, default=0.0)


def _agrees(key: str, operand: Any, value_of: Callable[[str], Value]) -> bool:  # noqa: ANN401 - JSON
    if operand is None:
        return True
    if key == "AND":
        return all(passes(one, value_of) for one in operand)
    if key == "OR":
        return any(passes(one, value_of) for one in operand)
    dimension, operator = _parts(key)
    value = value_of(dimension)
    if operator in LISTS:
        return (value in _all_comparable(dimension, operand)) is (operator == "in")
    if operator in ("like", "notlike"):
        return _like(str(value), str(operand)) is (operator == "like")
    return _compared(value, operator, _comparable(dimension, operand))


def _compared(value: Any, operator: str, other: Any) -> bool:  # noqa: ANN401 - both are numbers, or both texts
    match operator:
        case "gt":
            return bool(value > other)
        case "geq":
            return bool(value >= other)
        case "lt":
            return bool(value < other)
        case "leq":
            return bool(value <= other)
        case "neq":
            return bool(value != other)
        case _:
            return bool(value == other)


def _parts(key: str) -> tuple[str, str]:
    """`datetime_geq` -> `datetime`, `geq`."""
    dimension, _, operator = key.partition("_")
    return dimension, operator


def _all_comparable(dimension: str, operand: object) -> list[Any]:
    operands = operand if isinstance(operand, list) else [operand]
    if len(operands) > MANY:
        raise BadFilter(f"{dimension}: at most {MANY} values can be asked for at a time")
    return [_comparable(dimension, one) for one in operands]


def _comparable(dimension: str, operand: object) -> Any:  # noqa: ANN401 - a number for times, else a text
    if dimension == "isDispatcher":
        return int(operand is True or operand == 1)
    if dimension not in INTERVALS:
        return str(operand)
    text = str(operand)[:10] if dimension == "date" else str(operand)
    try:
        return seconds(text)
    except ValueError as error:
        raise BadFilter(f"{dimension}: {text[:40]!r} is not a time such as 2026-01-31T12:00:00Z") from error


def _like(value: str, pattern: str) -> bool:
    """SQL's: `%` is any text, `_` any character."""
    parts = (".*" if sign == "%" else "." if sign == "_" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None
