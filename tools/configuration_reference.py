"""Write docs/reference/configuration.md from the schema of headgate.toml, and publish the schema beside it.

.venv/bin/python tools/configuration_reference.py            write both
.venv/bin/python tools/configuration_reference.py --check    say whether they are up to date, write nothing
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "src" / "headgate" / "config" / "headgate.schema.json"
FOLDER = ROOT / "docs" / "reference"

Rules = Mapping[str, Any]

INTRODUCTION = """\
# headgate.toml

<!-- Written by tools/configuration_reference.py from src/headgate/config/headgate.schema.json. -->

{description}

Headgate finds the file in the folder where a command is given, or in a folder above it, up to the root of the
git repository; `--project DIR` names the folder instead. `headgate init` writes a first one.

Every mistake in it is told at once, each with its line and what to do about it, and nothing is changed then:
the exit code is 2. The structure is published as [JSON Schema](headgate.schema.json), which editors use to
complete and to check.

Needed are: {needed}. Everything else has a default.
"""

EXAMPLE = """\
## Example

```toml
service = "shop"

[platform]
local_edge = ".headgate/edge"

[tests]
command = ["npm", "test"]
results = ["reports/junit.xml"]

[secrets]
required = ["CART_SIGNING_KEY"]

[environments.staging]
[environments.production]

[[smoke]]
name = "health"
path = "/health"
json_path = "status"
json_equals = "ok"

[[smoke]]
name = "script"
command = ["./smoke.sh"]

[watch]
duration_seconds = 120

[notify.webhooks]
developer = "env:DEVELOPER_WEBHOOK"
```
"""


def main(arguments: list[str]) -> int:
    """Exit code: 0; with `--check`, 1 if a file is not what it should be."""
    wanted = {
        FOLDER / "configuration.md": page(json.loads(SCHEMA.read_text(encoding="utf-8"))),
        FOLDER / SCHEMA.name: SCHEMA.read_text(encoding="utf-8"),
    }
    if arguments == ["--check"]:
        stale = [
            file for file, text in wanted.items() if not file.exists() or file.read_text("utf-8") != text
        ]
        for file in stale:
            print(f"{file.relative_to(ROOT)} is not up to date: run tools/configuration_reference.py")
        return 1 if stale else 0
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


def page(schema: Rules) -> str:
    """The reference page, as Markdown."""
    needed = ", ".join(f"`{key}`" for key in schema["required"])
    introduction = INTRODUCTION.format(description=schema["description"], needed=needed)
    return "\n".join((introduction, EXAMPLE, *_sections(schema))).rstrip() + "\n"


def _sections(schema: Rules) -> Iterator[str]:
    top = {key: rules for key, rules in schema["properties"].items() if not _is_section(rules)}
    yield _section("## At the top of the file", "", {"properties": top})
    for key, rules in schema["properties"].items():
        if _is_section(rules):
            inner = _inner(rules, schema)
            yield _section(f"## `{_header(key, rules)}`", _prose(rules), _without_tables(inner))
            yield from _tables_within(key, inner, schema)


def _without_tables(rules: Rules) -> Rules:
    rows = {key: inner for key, inner in rules["properties"].items() if not _table_name(inner)}
    return {**rules, "properties": rows}


def _tables_within(section: str, rules: Rules, schema: Rules) -> Iterator[str]:
    """Tables of a table: `[metrics.prometheus]`, and lists of them: `[[metrics.custom]]`."""
    for key, inner in rules["properties"].items():
        if name := _table_name(inner):
            of_list = "items" in inner
            header = f"[[{section}.{key}]]" if of_list else f"[{section}.{key}]"
            prose = _prose(inner if of_list else schema["$defs"][name])
            yield _section(f"### `{header}`", prose, schema["$defs"][name])


def _table_name(rules: Rules) -> str:
    """The definition that a key refers to; '' for a key that holds a plain value."""
    items = rules.get("items")
    found = rules.get("$ref") or (items.get("$ref") if isinstance(items, dict) else "")
    return str(found or "").rpartition("/")[2]


def _is_section(rules: Rules) -> bool:
    return "title" in rules


def _header(key: str, rules: Rules) -> str:
    if rules["type"] == "array":
        return f"[[{key}]]"
    return f"[{key}.NAME]" if "properties" not in rules else f"[{key}]"


def _prose(rules: Rules) -> str:
    return f"{rules['title']}. {rules['description']}"


def _inner(rules: Rules, schema: Rules) -> Rules:
    """The schema that holds a section's keys: its own, or that of its items."""
    reference = (
        (rules.get("items") or rules.get("additionalProperties") or {}) if "properties" not in rules else {}
    )
    name = reference.get("$ref", "").rpartition("/")[2]
    return schema["$defs"][name] if name else rules


def _section(heading: str, prose: str, rules: Rules) -> str:
    rows = "\n".join(_row(key, inner) for key, inner in rules["properties"].items())
    table = f"| key | type | default | meaning |\n|---|---|---|---|\n{rows}\n"
    return "\n\n".join(part for part in (heading, prose, table) if part)


def _row(key: str, rules: Rules) -> str:
    meaning = rules["description"]
    examples = f" Example: `{_toml(rules['examples'][0])}`." if rules.get("examples") else ""
    return f"| `{key}` | {_type(rules)} | {_default(rules)} | {meaning}{examples} |"


def _type(rules: Rules) -> str:
    words = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "array": "list of texts",
        "object": "table of texts",
    }
    if "enum" in rules:
        return "one of " + ", ".join(f"`{option}`" for option in rules["enum"])
    low = rules.get("minimum", rules.get("exclusiveMinimum"))
    more = "" if low is None else f" {'from' if 'minimum' in rules else 'above'} {low}"
    high = f" to {rules['maximum']}" if "maximum" in rules else ""
    return f"{words.get(rules.get('type', ''), 'any')}{more}{high}"


def _default(rules: Rules) -> str:
    default = rules.get("default")
    return "" if default in (None, "", [], {}) else f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"'{value}'" if isinstance(value, str) and '"' in value else json.dumps(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
