"""The line of each key, whatever way the TOML is written."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from headgate.config.lines import Path, lines_of

TEXT = '''\
# a = "comment"
a = 1
"b c" = """
[not a table]
x = 2
"""
d.e.f = 3
list = [
  1, # one
  { inner = 1 },
]
[table."quoted.key"]
k = """\\
"""
[[items]]
name = "first"

[items.sub]
k = 1
[[items]]
name = "second"
[[items.parts]]
n = 1
[[items.parts]]
n = 2
[items.sub]
k = 2
'''


def test_every_way_of_writing() -> None:
    lines = lines_of(TEXT)
    expected: dict[Path, int] = {
        ("a",): 2,
        ("b c",): 3,
        ("d",): 7,
        ("d", "e", "f"): 7,
        ("list",): 8,
        ("list", 1, "inner"): 8,
        ("table", "quoted.key"): 12,
        ("table", "quoted.key", "k"): 13,
        ("items",): 15,
        ("items", 0): 15,
        ("items", 0, "name"): 16,
        ("items", 0, "sub", "k"): 19,
        ("items", 1): 20,
        ("items", 1, "name"): 21,
        ("items", 1, "parts", 0, "n"): 23,
        ("items", 1, "parts", 1, "n"): 25,
        ("items", 1, "sub", "k"): 27,
    }

    assert {path: lines.nearest(path) for path in expected} == expected


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    lines = lines_of(TEXT)

    assert lines.nearest(("items", 0, "missing")) == 15
    assert lines.nearest(("missing",)) == 1
    assert lines.nearest(()) == 1


def test_a_statement_longer_than_is_looked_at_ends_the_search_and_nothing_else() -> None:
    text = "a = [\n" + "1,\n" * 1000 + "]\nb = 1\n"

    assert lines_of(text).nearest(("b",)) == 1003


@given(
    st.lists(
        st.tuples(st.sampled_from(["[t{}]", "[[a]]\nx = {}", "k{} = '''\n\n'''", "k{} = 1"]), st.just(0))
    )
)
def test_every_key_is_found_on_a_line_that_holds_it(statements: list[tuple[str, int]]) -> None:
    text = "\n".join(statement.format(number) for number, (statement, _) in enumerate(statements))
    lines, rows = lines_of(text), text.splitlines()

    for path in _keys(tomllib.loads(text)):
        assert str(path[-1]) in rows[lines.nearest(path) - 1]


def _keys(value: object, at: Path = ()) -> list[Path]:
    if isinstance(value, dict):
        return [path for key, inner in value.items() for path in [(*at, key), *_keys(inner, (*at, key))]]
    if isinstance(value, list):
        return [path for number, inner in enumerate(value) for path in _keys(inner, (*at, number))]
    return []
