"""Compares an answer with what a check expects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headgate.domain.settings import SmokeCheck

EXCERPT_LENGTH_MAX = 200


def complaint(check: SmokeCheck, status: int, body: str) -> str:
    """What is wrong with an answer, in one line; '' if it is as expected."""
    if status != check.status:
        return f"expected status {check.status}; {_came(body)}"
    if check.body_contains and check.body_contains not in body:
        return f"expected the body to contain {excerpt(check.body_contains)!r}; {_came(body)}"
    return _json_complaint(check, body) if check.json_path else ""


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text[: EXCERPT_LENGTH_MAX * 4].split())
    return line if len(line) <= EXCERPT_LENGTH_MAX else line[: EXCERPT_LENGTH_MAX - 1] + "…"


def _json_complaint(check: SmokeCheck, body: str) -> str:
    try:
        value = _at(json.loads(body), check.json_path)
    except ValueError:
        return f"expected JSON; {_came(body)}"
    except LookupError as error:
        return f"{error.args[0]}; {_came(body)}"
    if check.json_equals is not None and not _equal(value, check.json_equals):
        wanted, found = json.dumps(check.json_equals), json.dumps(value)
        return f"expected {check.json_path} to be {excerpt(wanted)}; it is {excerpt(found)}"
    return ""


def _at(value: Any, dotted: str) -> Any:  # noqa: ANN401 - JSON can be anything
    """The value at a path such as `items.0.name`. Raises LookupError, naming how far it got."""
    passed: list[str] = []
    for name in dotted.split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise LookupError(f"expected {name!r} in {'.'.join(passed) or 'the body'}, and it is not there")
        passed.append(name)
    return value


def _equal(found: object, wanted: object) -> bool:
    """As JSON has it: `true` is not 1."""
    return json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True) or (
        _is_number(found) and _is_number(wanted) and found == wanted
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _came(body: str) -> str:
    return f"the body is {excerpt(body)!r}" if body.strip() else "the body is empty"
