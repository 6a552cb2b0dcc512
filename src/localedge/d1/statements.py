"""SQL text, parted into statements as SQLite parts it: at semicolons outside of strings and triggers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(
    r"""
    (?P<space>\s+ | --[^\n]*\n? | /\*.*?(?:\*/|\Z))
  | (?P<quoted>'[^']*(?:'|\Z) | "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z) | \[[^\]]*(?:\]|\Z))
  | (?P<word>[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)
  | (?P<end>;)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
TRIGGER_HEADS = (["CREATE", "TRIGGER"], ["CREATE", "TEMP", "TRIGGER"], ["CREATE", "TEMPORARY", "TRIGGER"])


@dataclass(slots=True)
class _Head:
    """The first words of a statement, which tell a trigger: one ends at `; END ;`, not at each semicolon."""

    words: list[str]
    step: str = ""
    """In a trigger: `;` after a semicolon, `END` after the END that follows one."""

    def ends(self) -> bool:
        """Whether a semicolon here ends the statement."""
        return self.words not in TRIGGER_HEADS or self.step == "END"

    def note(self, kind: str, text: str) -> None:
        if kind == "end":
            self.step = ";"
        else:
            self.step = "END" if self.step == ";" and text.upper() == "END" else ""
        if len(self.words) < 3 and self.words not in TRIGGER_HEADS:
            self.words.append(text.upper())


def statements(sql: str) -> Iterator[str]:
    """Each with its semicolon, if it has one. Comments and semicolons alone are no statement."""
    start, head = 0, _Head([])
    for token in TOKEN.finditer(sql):
        kind = token.lastgroup or ""
        if kind == "space":
            continue
        if kind != "end" or not head.ends():
            head.note(kind, token.group())
            continue
        if head.words:
            yield sql[start : token.end()].strip()
        start, head = token.end(), _Head([])
    if head.words:
        yield sql[start:].strip()
