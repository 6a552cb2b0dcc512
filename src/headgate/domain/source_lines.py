"""On which line of a JSON(C) or TOML file a value stands, so that a mistake can be pointed at.

The text was parsed before, by a real parser; here only places are looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Path = tuple[str | int, ...]

_TOML_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_TOML_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(rf"\s*({_TOML_NAME}(?:\s*\.\s*{_TOML_NAME})*)\s*=")
_JSON_TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [{}\[\],:]""", re.DOTALL | re.VERBOSE
)


def line_of(text: str, path: Sequence[str | int], *, toml: bool = False) -> int:
    """The line (from 1) of the value at a path such as `("env", "production", "routes", 0)`.

    Where it is not found, the line of the table around it; 0 if not even that is.
    """
    lines = _toml_lines(text) if toml else _json_lines(text)
    wanted = tuple(path)
    while wanted and wanted not in lines:
        wanted = wanted[:-1]
    return lines.get(wanted, 0)


@dataclass(slots=True)
class _JsonWalk:
    """Where a walk over the tokens is: the path, and for each level whether it is a list."""

    lines: dict[Path, int] = field(default_factory=dict)
    path: list[str | int] = field(default_factory=list)
    in_list: list[bool] = field(default_factory=list)
    string: tuple[str, int] = ("", 0)

    def take(self, token: str, line: int) -> None:
        if token[0] in "\"'":
            self.string = (token[1:-1], line)
            self._value(line)
        elif token in "{[":
            self._value(line)
            self.in_list.append(token == "[")
            self.path.append(0 if token == "[" else "")
        elif token in "}]" and self.path:
            self.in_list.pop()
            self.path.pop()
        elif token == ":" and self.path and not self.in_list[-1]:
            self.path[-1] = self.string[0]
            self.lines.setdefault(tuple(self.path), self.string[1])
        elif token == "," and self.in_list and self.in_list[-1]:
            self.path[-1] = int(self.path[-1]) + 1

    def _value(self, line: int) -> None:
        if not self.path or self.in_list[-1]:
            self.lines.setdefault(tuple(self.path), line)


def _json_lines(text: str) -> dict[Path, int]:
    walk, line, seen = _JsonWalk(), 1, 0
    for token in _JSON_TOKEN.finditer(text):
        line += text.count("\n", seen, token.start())
        seen = token.start()
        if not token.group().startswith(("//", "/*")):
            walk.take(token.group(), line)
    return walk.lines


def _toml_lines(text: str) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    items: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TOML_TABLE.match(line):
            table = here = _toml_table(header.group(2), items, is_list=header.group(1) == "[[")
        elif key := _TOML_KEY.match(line):
            here = (*table, *_toml_names(key.group(1)))
        else:
            continue
        for length in range(1, len(here) + 1):
            lines.setdefault(here[:length], number)
    return lines


def _toml_table(header: str, items: dict[Path, int], *, is_list: bool) -> Path:
    """The path of a table; `[a.b]` after `[[a]]` belongs to the newest item of `a`."""
    path: Path = ()
    if not _toml_names(header):  # no TOML: it names nothing, so nothing is found in it
        return path
    *around, last = _toml_names(header)
    for name in around:
        path = (*path, name)
        path = (*path, items[path]) if path in items else path
    path = (*path, last)
    if is_list:
        items[path] = items.get(path, -1) + 1
        path = (*path, items[path])
    return path


def _toml_names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(_TOML_NAME, dotted)]
