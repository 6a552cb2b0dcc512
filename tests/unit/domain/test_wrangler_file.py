"""wrangler's configuration: what holds in which environment, and on which line it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headgate.domain.source_lines import line_of
from headgate.domain.wrangler_file import NOT_INHERITED, WranglerFile

SCHEMA = Path(__file__).parents[3] / "node_modules" / "wrangler" / "config-schema.json"

JSONC = """{
  // "name": "not this one",
  "name": "shop", /* "main": "nor
  this" */ "main": "src/a\\"b.ts",
  "vars": { "A": "x" },
  "env": {
    "production": {
      "kv_namespaces": [
        { "binding": "ONE", "id": "1" },
        { "binding": "TWO",
          "id": "2" },
      ],
      'routes': ["a", ["b"],
        "c"],
    },
  },
}
"""
TOML = """name = "shop"  # "main" = "no"
[vars]
A = "x"

[[rules]]
type = "Text"
[rules.more]
b = 1
[[rules]]
type = "Data"
[env.production]
"quoted.key" = 1
vars.B = "y"
[[env.production.kv_namespaces]]
binding = "ONE"
"""


def _file(data: dict[str, Any]) -> WranglerFile:
    return WranglerFile("wrangler.jsonc", json.dumps(data, indent=1), data)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("name",), 3),
        (("main",), 4),
        (("vars", "A"), 5),
        (("env", "production", "kv_namespaces"), 8),
        (("env", "production", "kv_namespaces", 0, "id"), 9),
        (("env", "production", "kv_namespaces", 1), 10),
        (("env", "production", "kv_namespaces", 1, "id"), 11),
        (("env", "production", "routes", 2), 14),
        (("env", "production", "routes", 1, 0), 13),
        (("env", "production", "none", "such"), 7),
        (("none",), 1),
    ],
)
def test_lines_in_jsonc(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(JSONC, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("vars", "A"), 3),
        (("rules", 0, "type"), 6),
        (("rules", 0, "more", "b"), 8),
        (("rules", 1, "type"), 10),
        (("env", "production", "quoted.key"), 12),
        (("env", "production", "vars", "B"), 13),
        (("env", "production", "kv_namespaces", 0, "binding"), 15),
        (("env", "production", "kv_namespaces"), 14),
        (("none",), 0),
    ],
)
def test_lines_in_toml(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(TOML, path, toml=True) == line


@given(st.text(alphabet="{}[]:,\"'\\/* \n=a1#.", max_size=60))
@example("[.]\na = 1")
def test_any_text_is_searched_without_harm(text: str) -> None:
    for toml in (False, True):
        assert line_of(text, ("a", 0, "a"), toml=toml) <= text.count("\n") + 1


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.text(min_size=1, max_size=4), values, min_size=1, max_size=6))
def test_every_key_is_found_on_its_own_line(data: dict[str, Any]) -> None:
    """But for keys that are written otherwise than they are read, with a backslash: those fall back."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in data.items()]
    text = "{\n" + "\n".join(lines) + "\n}"

    for number, key in enumerate(data, start=2):
        as_written = json.dumps(key)[1:-1] == key
        assert line_of(text, (key,)) == (number if as_written else 1)


DATA = {
    "name": "shop",
    "compatibility_date": "2026-01-01",
    "routes": ["a"],
    "vars": {"A": "top"},
    "ai": {"binding": "AI"},
    "env": {"production": {"vars": {"A": "own"}, "routes": ["b"]}, "staging": {}},
}


def test_an_environment_takes_over_what_is_inherited_and_nothing_else() -> None:
    assert _file(DATA).in_environment("production") == {
        "name": "shop",
        "compatibility_date": "2026-01-01",
        "routes": ["b"],
        "vars": {"A": "own"},
    }
    assert "vars" not in _file(DATA).in_environment("staging")


def test_the_top_level_is_an_environment_without_a_name() -> None:
    assert _file(DATA).in_environment("") == {key: value for key, value in DATA.items() if key != "env"}
    assert _file(DATA).has_environment("")


def test_what_is_not_taken_over_is_told() -> None:
    assert _file(DATA).not_taken_over("staging") == ("ai", "vars")
    assert _file(DATA).not_taken_over("production") == ("ai",)
    assert _file(DATA).not_taken_over("") == ()


def test_which_environments_there_are() -> None:
    assert _file(DATA).has_environment("production")
    assert not _file(DATA).has_environment("preview")
    assert not _file({"env": []}).has_environment("production")


def test_a_value_is_placed_where_it_is_written() -> None:
    file = _file(DATA)

    assert file.place(file.path_of("vars", "production")) == "wrangler.jsonc:15"
    assert file.place(file.path_of("compatibility_date", "production")) == "wrangler.jsonc:3"
    assert WranglerFile("wrangler.toml", "", {}).place(("vars",)) == "wrangler.toml"


def test_fields_that_are_not_inherited_are_as_wranglers_schema_says() -> None:
    """The schema says it in words; three fields are described without them."""
    fields = json.loads(SCHEMA.read_bytes())["definitions"]["RawEnvironment"]["properties"]
    words = ("not automatically inherited", "must be specified in every named", "separately in each named")
    said = {
        name for name, field in fields.items() if any(part in field.get("description", "") for part in words)
    }

    assert said <= NOT_INHERITED
    assert NOT_INHERITED - said == {"durable_objects", "version_metadata"}
