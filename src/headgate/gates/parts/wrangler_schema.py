"""Checking a wrangler configuration against wrangler's own JSON schema.

No value is ever repeated in a message: it may be a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import jsonschema_rs

REFERENCE = "https://developers.cloudflare.com/workers/wrangler/configuration/"

_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list",
    "object": "a table of fields",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something the schema does not allow: at which path, what, and how to mend it."""

    path: tuple[str | int, ...]
    what: str
    remedy: str


def mistakes(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mistake]:
    """Everything the schema does not allow."""
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(dict(schema), mask="the value")
    for error in validator.iter_errors(_plain(data)):
        yield from _told(error, schema)


def shown(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `env.production.routes[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _told(error: jsonschema_rs.ValidationError, schema: Mapping[str, Any]) -> Iterator[Mistake]:
    path = tuple(error.instance_path)
    kind = error.kind.as_dict()
    see = f"See {REFERENCE}."
    if error.kind.name == "additionalProperties":
        known = _fields_at(error.schema_path[:-1], schema)
        for key in kind["unexpected"]:
            yield Mistake(
                (*path, key), f"wrangler knows no field {shown((*path, key))}.", _meant(key, known) or see
            )
    elif error.kind.name == "required":
        missing = shown((*path, kind["property"]))
        yield Mistake(path, f"The field {missing} is missing.", f"Add `{kind['property']}`. {see}")
    elif error.kind.name == "type":
        wanted = " or ".join(_TYPES.get(name, name) for name in kind["types"])
        yield Mistake(path, f"{shown(path)} must be {wanted}.", f"Write {wanted} there. {see}")
    elif error.kind.name == "enum":
        options = ", ".join(f'"{option}"' for option in kind["options"])
        yield Mistake(path, f"{shown(path)} must be one of {options}.", f"Write one of them there. {see}")
    else:
        yield Mistake(path, f"{shown(path)} has none of the forms that wrangler allows here.", see)


def _fields_at(place: list[str | int], schema: Any) -> list[str]:  # noqa: ANN401 - any part of a JSON schema
    for step in place:
        schema = schema[step]
    return list(schema.get("properties", {}))


def _meant(key: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else ""


def _plain(value: object) -> object:
    """TOML has dates and times, which JSON has not."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
