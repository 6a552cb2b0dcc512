"""A mistake in headgate.toml: at which key it is, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.config.lines import Path, lines_of
from headgate.domain.errors import ConfigError, HeadgateError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at a place in the document, and the remedy. `at` holds keys and item numbers."""

    at: Path
    what: str
    remedy: str


def refusal(mistakes: Sequence[Mistake], text: str, name: str) -> ConfigError:
    """The error that tells all mistakes, in the order of the file."""
    lines = lines_of(text)
    found = sorted(((lines.nearest(mistake.at), mistake) for mistake in mistakes), key=lambda pair: pair[0])
    problems = tuple(
        HeadgateError(mistake.what, where=f"{name}:{line}", remedy=mistake.remedy) for line, mistake in found
    )
    if len(problems) == 1:
        only = problems[0]
        return ConfigError(only.what, where=only.where, remedy=only.remedy, problems=problems)
    return ConfigError(
        f"{name} has {len(problems)} mistakes.",
        where=name,
        remedy="Mend each; nothing was changed.",
        problems=problems,
    )
