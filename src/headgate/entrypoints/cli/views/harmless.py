"""What others wrote (reasons, names, addresses) must not steer the terminal: only Headgate draws on it."""

from __future__ import annotations

import json
import re

from headgate.entrypoints.cli.views.ink import CODE

_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that turn the direction of writing, so that a line reads as something that it does not say."""

_CONTROL = (*range(0x20), *range(0x7F, 0xA0))

_DROPPED = dict.fromkeys({*_CONTROL, *_TURNING} - {ord("\n"), ord("\t")})
_ESCAPED = {number: f"\\u{number:04x}" for number in (*range(0x7F, 0xA0), *_TURNING)}


def harmless(text: str, *, colours: bool = False) -> str:
    """A text without what steers a terminal; line ends and tabs stay, and with `colours` those of `Ink`."""
    if not colours:
        return text.translate(_DROPPED)
    parts = re.split(f"({CODE})", text)
    return "".join(part if number % 2 else part.translate(_DROPPED) for number, part in enumerate(parts))


def json_text(data: object, *, indent: int | None = None) -> str:
    """JSON that keeps every letter and steers no terminal."""
    return json.dumps(data, ensure_ascii=False, indent=indent).translate(_ESCAPED)
