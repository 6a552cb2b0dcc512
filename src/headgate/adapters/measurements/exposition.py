"""Reads the text format of Prometheus, as far as the local edge writes it. The rest is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)')
_ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a name, its labels, and the value."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """The samples in a text. Raises ValueError, naming the line, for one that is not in the format."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line.startswith("#"):
            yield _sample(line, number)


def _sample(line: str, number: int) -> Sample:
    match = _SAMPLE.fullmatch(line.rstrip())
    if match is None:
        raise ValueError(f"line {number} is not a sample: {line[:100]!r}")
    name, labels, value = match.groups()
    return Sample(name, _labels(labels or "", number), float(value))


def _labels(text: str, number: int) -> dict[str, str]:
    found, end = {}, 0
    while end < len(text):
        match = _LABEL.match(text, end)
        if match is None:
            raise ValueError(f"line {number} has labels that are not in the format: {text[:100]!r}")
        found[match[1]] = re.sub(r"\\.", lambda escape: _ESCAPED[escape[0]], match[2])
        end = match.end()
    return found
