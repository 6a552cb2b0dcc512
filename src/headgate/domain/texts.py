"""Text from outside, made fit to stand in what people read."""

from __future__ import annotations

import re

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*<[]"})


def encodable(value: str) -> str:
    """A text that can be written as UTF-8: each lone surrogate, as bytes that are no text give, is a `?`."""
    return value.encode("utf-8", "replace").decode("utf-8")


def one_line(value: str) -> str:
    """A text without line breaks and other control characters, each run of white space one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def toml_error(message: str) -> str:
    """What tomllib says, with a key written as in TOML: `('watch', 'x')` is Python, `watch.x` is not."""
    return re.sub(
        r"\(('[^()]*'),?\)", lambda found: f"`{found[1].replace(chr(39), '').replace(', ', '.')}`", message
    )


def spans(value: str) -> list[tuple[str, bool]]:
    """One line, cut where it changes between plain text and code in single backticks; True marks code."""
    line = one_line(value)
    parts = line.split("`")
    if "``" in line or len(parts) % 2 == 0:
        return [(line, False)]
    return [(part, bool(number % 2)) for number, part in enumerate(parts) if part]


def in_markdown(value: str) -> str:
    """One line that Markdown takes literally, but for code in backticks: no tags, no links, no emphasis."""
    return "".join(f"`{text}`" if code else text.translate(_SPECIAL) for text, code in spans(value))


def as_code(command: str) -> str:
    """One line as a span of code in Markdown."""
    return f"`{one_line(command).replace('`', chr(39))}`"


def sentence(what: str, where: str = "", remedy: str = "") -> str:
    """What happened, where, and what to do, as sentences."""
    place = f" ({where})" if where else ""
    return f"{what.rstrip('. ')}{place}. {remedy}".rstrip()
