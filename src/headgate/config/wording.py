"""What the schema's errors are called for people."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headgate.config.mistake import Mistake

if TYPE_CHECKING:
    import jsonschema_rs

    from headgate.config.lines import Path

Rules = Mapping[str, Any]

_WITHIN = ("items", "additionalProperties")

_TYPES = {
    "string": "a text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list in brackets",
    "object": "a table",
}


def told(error: jsonschema_rs.ValidationError, schema: Rules) -> Iterator[Mistake]:
    """One error of the schema, as one mistake or, for several unknown keys, one each."""
    at: Path = tuple(error.instance_path)
    kind = error.kind.as_dict() | {"name": error.kind.name}
    around = _around(error.schema_path, schema)
    if kind["name"] == "additionalProperties":
        for key in kind["unexpected"]:
            yield _unknown(at, key, around)
    elif kind["name"] == "required":
        yield _missing(at, kind["property"], error, around)
    elif kind["name"] == "propertyNames":
        yield from _bad_names(at, error)
    elif kind["name"] == "falseSchema":
        yield _out_of_place(at)
    else:
        yield Mistake(at, f"{named(at)} {_LIMITS[kind['name']](kind)}.", expected(around))


def named(at: Path) -> str:
    """A place in words people see in the file: `status` of the 2nd `[[smoke]]`."""
    key = next((part for part in reversed(at) if isinstance(part, str)), "")
    if at and isinstance(at[-1], int):
        return f"Item {at[-1] + 1} of `{key}`"
    return f"`{key}`" if key else "The file"


def expected(rules: Rules) -> str:
    """A remedy: what belongs there, with an example."""
    description = str(rules.get("description", ""))
    examples = rules.get("examples", [])
    example = f"Example: {_toml(examples[0])}" if examples else ""
    return f"{description} {example}".strip()


def did_you_mean(wrong: str, right: list[str], otherwise: str) -> str:
    """A remedy for a name that does not exist."""
    close = difflib.get_close_matches(wrong, right, n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else otherwise


def _around(schema_path: list[str | int], schema: Rules) -> Rules:
    """The schema that the failing keyword stands in; for an item or a value of a table, what holds it."""
    described = schema
    around: Any = schema
    for part in schema_path[:-1]:
        around = around[part]
        if isinstance(around, dict) and (part not in _WITHIN or "description" in around):
            described = around
    return described


def _unknown(at: Path, key: str, around: Rules) -> Mistake:
    known = sorted(around.get("properties", {}))
    where = f" in {_table(at)}" if at else ""
    otherwise = f"Take it out. Known are: {', '.join(known)}."
    return Mistake((*at, key), f"There is no setting `{key}`{where}.", did_you_mean(key, known, otherwise))


def _missing(at: Path, key: str, error: jsonschema_rs.ValidationError, around: Rules) -> Mistake:
    rules = around.get("properties", {}).get(key, {})
    where = f" in {_table(at)}" if at else ""
    because = " `json_equals` needs it." if "dependentRequired" in error.schema_path else ""
    return Mistake(at, f"`{key}` is missing{where}.{because}", f"Add it. {expected(rules)}".strip())


def _bad_names(at: Path, error: jsonschema_rs.ValidationError) -> Iterator[Mistake]:
    inner = error.kind.as_dict()["error"]
    name, options = str(inner.instance), inner.kind.as_dict().get("options", [])
    otherwise = f"Known are: {', '.join(options)}." if options else "Use letters, digits, `.`, `_` and `-`."
    yield Mistake(
        (*at, name), f"`{name}` is no name for {_table(at)}.", did_you_mean(name, options, otherwise)
    )


def _out_of_place(at: Path) -> Mistake:
    return Mistake(
        at,
        f"`{at[-1]}` has no place beside `command`.",
        "A smoke check is a request or a command: take one of the two out, or make two checks of it.",
    )


def _table(at: Path) -> str:
    keys = ".".join(part for part in at if isinstance(part, str))
    return f"`[[{keys}]]`" if isinstance(at[-1], int) else f"`[{keys}]`"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    return f"'{value}'" if '"' in value else f'"{value}"'


_LIMITS: Mapping[str, Callable[[Rules], str]] = {
    "type": lambda kind: "must be " + " or ".join(_TYPES[wanted] for wanted in kind["types"]),
    "enum": lambda kind: "must be one of " + ", ".join(f"`{option}`" for option in kind["options"]),
    "pattern": lambda _: "is not written as it has to be",
    "minimum": lambda kind: f"must be {kind['limit']} or more",
    "maximum": lambda kind: f"must be {kind['limit']} or less",
    "exclusiveMinimum": lambda kind: f"must be more than {kind['limit']}",
    "maxItems": lambda kind: f"must not hold more than {kind['limit']}",
    "maxLength": lambda kind: f"must not be longer than {kind['limit']}",
    "minLength": lambda _: "must not be empty",
    "minItems": lambda _: "must not be empty",
    "minProperties": lambda _: "must not be empty",
    "uniqueItems": lambda _: "must not hold the same twice",
}
"""Every keyword of the schema that can fail with a value; a test holds this complete."""
