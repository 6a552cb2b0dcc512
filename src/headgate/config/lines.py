"""On which line of a TOML text each key stands.

The text is valid TOML. It is cut into statements by letting tomllib say which lines are complete, so strings
and arrays over several lines are never mistaken for keys.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys and numbers of items, from the top: `("smoke", 0, "path")`."""

STATEMENT_LINES_MAX = 300


class Lines:
    """Line numbers, from 1, by path."""

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}

    def note(self, path: Path, line: int) -> None:
        """Remember where something stands; the first place counts."""
        self._numbers.setdefault(path, line)

    def nearest(self, path: Path) -> int:
        """The line of a path, or of the closest thing around it; 1 for the whole file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._numbers:
                return self._numbers[path[:length]]
        return 1


def lines_of(text: str) -> Lines:
    """Find the line of every table and key."""
    lines = Lines()
    items: dict[Path, int] = {}
    here: Path = ()
    for number, statement, content in _statements(text):
        if statement.lstrip().startswith("["):
            here = _table(content, items)
            _note_all(lines, here, number)
        else:
            for path in _paths(content):
                _note_all(lines, here + path, number)
    return lines


def _note_all(lines: Lines, path: Path, number: int) -> None:
    for length in range(1, len(path) + 1):
        lines.note(path[:length], number)


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each statement with its first line's number and what it says."""
    all_lines = text.splitlines()
    start = 0
    while start < len(all_lines):
        end, content = _complete(all_lines, start)
        if content:
            yield start + 1, all_lines[start], content
        start = end


def _complete(all_lines: list[str], start: int) -> tuple[int, dict[str, Any]]:
    """The fewest lines from `start` that are TOML by themselves: the line after them, and what they say."""
    for end in range(start + 1, min(len(all_lines), start + STATEMENT_LINES_MAX) + 1):
        try:
            return end, tomllib.loads("\n".join(all_lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
    return start + 1, {}


def _table(content: dict[str, Any], items: dict[Path, int]) -> Path:
    """The path of a header such as `[watch]` or `[[smoke]]`, which parses to empty tables within each other.

    `items` counts the items of each array of tables so far.
    """
    path: Path = ()
    inner: Any = content
    while inner:
        if isinstance(inner, list):
            items[path] = items.get(path, -1) + 1
            path, inner = (*path, items[path]), inner[0]
        else:
            key = next(iter(inner))
            path, inner = (*path, key), inner[key]
            # `[smoke.headers]` after `[[smoke]]` means the last item.
            if isinstance(inner, dict) and path in items:
                path = (*path, items[path])
    return path


def _paths(value: object) -> Iterator[Path]:
    """Every path within a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (key,)
        for path in _paths(inner):
            yield (key, *path)
