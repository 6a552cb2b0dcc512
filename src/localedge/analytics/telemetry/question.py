"""Reads what a client asks: filters, needles, calculations. What makes no sense is `Invalid`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localedge.analytics.telemetry.fields import Scalar

    Fields = Mapping[str, Scalar]
    Test = Callable[[Fields], bool]

DEPTH_MAX = 4
FILTERS_MAX = 50
PATTERN_MAX = 200
OPERATIONS = {
    "=": "eq",
    "!=": "neq",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "does_not_include": "not_includes",
    "match_regex": "regex",
    "does_not_exist": "is_null",
}
"""Other words for the same."""


def read_filters(body: Mapping[str, Any]) -> Test:
    """Whether an event is wanted: `filters`, `filterCombination` and `needle` of the body."""
    tests = [_group(body.get("filters") or [], body.get("filterCombination") or "and", 1)]
    if body.get("needle"):
        found = read_needle(body["needle"])
        tests.append(lambda fields: any(found(str(value)) for value in fields.values()))
    return lambda fields: all(test(fields) for test in tests)


def read_needle(needle: object) -> Callable[[str], bool]:
    """Whether a text holds what is looked for."""
    if not isinstance(needle, dict) or "value" not in needle:
        raise _invalid("needle has to be an object with a value")
    value = str(needle["value"])
    pattern = _pattern(value if needle.get("isRegex") else re.escape(value), bool(needle.get("matchCase")))
    return lambda text: pattern.search(text) is not None


def _group(filters: object, combination: object, depth: int) -> Test:
    if not isinstance(filters, list) or len(filters) > FILTERS_MAX or depth > DEPTH_MAX:
        message = f"filters has to be a list of at most {FILTERS_MAX}, nested at most {DEPTH_MAX} deep"
        raise _invalid(message)
    tests = [_filter(one, depth) for one in filters]
    if str(combination).lower() == "or" and tests:
        return lambda fields: any(test(fields) for test in tests)
    return lambda fields: all(test(fields) for test in tests)


def _filter(one: object, depth: int) -> Test:
    if not isinstance(one, dict):
        raise _invalid("each filter has to be an object")
    if one.get("kind") == "group":
        return _group(one.get("filters"), one.get("filterCombination"), depth + 1)
    key, given = one.get("key"), str(one.get("operation", "")).lower()
    operation = OPERATIONS.get(given, given)
    if not isinstance(key, str):
        raise _invalid("each filter has to have a key")
    if operation in ("exists", "is_null"):
        return lambda fields: (key in fields) is (operation == "exists")
    test = _test(operation, one.get("value"))
    missing = operation in ("neq", "not_includes", "not_in")
    return lambda fields: test(fields[key]) if key in fields else missing


def _test(operation: str, value: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - JSON
    text = _told(value)
    if operation in ("in", "not_in"):
        several = {part.strip() for part in text.split(",")}
        return lambda found: (_told(found) in several) is (operation == "in")
    if operation == "regex":
        pattern = _pattern(text, match_case=True)
        return lambda found: pattern.search(_told(found)) is not None
    if operation in ("gt", "gte", "lt", "lte"):
        return _number_test(operation, value)
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda found: _told(found) == text,
        "neq": lambda found: _told(found) != text,
        "includes": lambda found: text in _told(found),
        "not_includes": lambda found: text not in _told(found),
        "starts_with": lambda found: _told(found).startswith(text),
        "ends_with": lambda found: _told(found).endswith(text),
    }
    if operation not in tests:
        raise _invalid(f"there is no operation {operation!r}")
    return tests[operation]


def _number_test(operation: str, value: object) -> Callable[[Any], bool]:
    limit = _number(value)
    if limit is None:
        raise _invalid(f"{operation} compares with a number, not with {value!r}")
    compared: dict[str, Callable[[float], bool]] = {
        "gt": lambda number: number > limit,
        "gte": lambda number: number >= limit,
        "lt": lambda number: number < limit,
        "lte": lambda number: number <= limit,
    }
    test = compared[operation]
    return lambda found: (number := _number(found)) is not None and test(number)


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type] # what is no number is caught
    except (TypeError, ValueError):
        return None


def _told(value: object) -> str:
    """`1.0` and `1` are the same number, `true` is how JSON has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def _pattern(text: str, match_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - one caller has it as a value
    if len(text) > PATTERN_MAX:
        raise _invalid(f"a pattern may have {PATTERN_MAX} characters")
    try:
        return re.compile(text, 0 if match_case else re.IGNORECASE)
    except re.error as error:
        raise _invalid(f"{text!r} is no regular expression: {error}") from error


def _invalid(message: str) -> Invalid:
    return Invalid(CODE_MALFORMED, message)
