"""Finding secrets in text: a Worker's modules, its source maps, its configuration.

Our own short table of kinds instead of a scanner: detect-secrets takes 2 s for 1 MB of minified code, and
reported secrets in it that were none.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.gates.parts.leak_kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headgate.gates.parts.leak_kinds import Kind

_SHOWN = 4
_LONG_ENOUGH_TO_SHOW = 16
_BITS_MIN = 3.8
_HEX_BITS_MIN = 3.2
_PLACEHOLDERS = ("EXAMPLE", "example", "xxxx", "XXXX", "****", "....", "0000000000", "1234567890")


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found: never itself, only how it `begins`. Line and column count from 1."""

    kind: str
    line: int
    column: int
    begins: str
    sure: bool


def leaks_in(text: str) -> Iterator[Leak]:
    """The secrets in a text, each place once, in the order of the kinds."""
    seen: set[int] = set()
    for kind in KINDS:
        for at, secret in _places(text, kind):
            if at not in seen and _is_real(secret, kind):
                seen.add(at)
                line, column = position(text, at)
                yield Leak(kind.name, line, column, redacted(secret), kind.sure)


def position(text: str, at: int) -> tuple[int, int]:
    """Line and column of a place in a text, from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def redacted(secret: str) -> str:
    """What may be shown of a secret: its first characters if it is long, else nothing."""
    return f"{secret[:_SHOWN]}…" if len(secret) >= _LONG_ENOUGH_TO_SHOW else "…"


def looks_random(value: str) -> bool:
    """Whether a value was made by chance rather than by a person: digits and letters, well mixed."""
    if not any(char.isdigit() for char in value) or not any(char.isalpha() for char in value):
        return False
    is_hex = all(char in "0123456789abcdefABCDEF" for char in value)
    return _bits_a_character(value) >= (_HEX_BITS_MIN if is_hex else _BITS_MIN)


def _places(text: str, kind: Kind) -> Iterator[tuple[int, str]]:
    for hint in kind.hints:
        at = text.find(hint)
        while at >= 0:
            if found := kind.pattern.match(text, at):
                group = 1 if kind.pattern.groups else 0
                yield found.start(group), found.group(group)
            at = text.find(hint, at + len(hint))


def _is_real(secret: str, kind: Kind) -> bool:
    if any(placeholder in secret for placeholder in _PLACEHOLDERS):
        return False
    return kind.sure or looks_random(secret)


def _bits_a_character(value: str) -> float:
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())
