"""Colour on a terminal, for what is printed once. Colour never says anything that the words do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping


CODE = r"\x1b\[(?:0|1|2|31|32|33)m"
"""What `Ink` writes, as a pattern."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Wraps text in the terminal's codes, or leaves it alone."""

    on: bool = False

    def bold(self, text: str) -> str:
        """What to look at first."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """What can wait."""
        return self._wrap("2", text)

    def good(self, text: str) -> str:
        """Green."""
        return self._wrap("32", text)

    def bad(self, text: str) -> str:
        """Red."""
        return self._wrap("31", text)

    def warn(self, text: str) -> str:
        """Yellow."""
        return self._wrap("33", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.on and text else text


def ink_for(stream: TextIO, *, wanted: bool, environ: Mapping[str, str]) -> Ink:
    """Colour for a stream: on terminals, unless --no-color, NO_COLOR or a dumb terminal say no."""
    allowed = wanted and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Ink(allowed and stream.isatty())
