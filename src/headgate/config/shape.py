"""Checking a document against headgate.schema.json: all mistakes of structure at once."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from headgate.config.mistake import Mistake
from headgate.config.seen import SCHEMA_FILE
from headgate.config.wording import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headgate.config.lines import Path


def schema() -> dict[str, Any]:
    """The JSON Schema of headgate.toml."""
    loaded: dict[str, Any] = json.loads(SCHEMA_FILE.read_bytes())
    return loaded


def shape_mistakes(document: dict[str, Any]) -> list[Mistake]:
    """Everything the schema does not allow. Nothing here repeats a value: it may be a secret."""
    import jsonschema_rs

    strange = list(_strange((), document))
    if strange:
        return strange
    rules = schema()
    validator = jsonschema_rs.Draft202012Validator(rules)
    return [mistake for error in validator.iter_errors(document) for mistake in told(error, rules)]


def _strange(at: Path, value: object) -> Iterator[Mistake]:
    """Values that TOML has and JSON has not: dates, times, infinity."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strange((*at, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strange((*at, number), inner)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Mistake(at, f"`{at[-1]}` must be a finite number.", "Give a number such as 60.")
    elif not isinstance(value, str | int | float):
        yield Mistake(at, f"`{at[-1]}` is a date or a time, which has no place here.", "Put it in quotes.")
