"""From the file to Settings, or to one ConfigError that holds every mistake in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from headgate.config import seen, text
from headgate.config.build import settings_of
from headgate.config.sense import nonsense

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headgate.config.mistake import Mistake
    from headgate.domain.errors import ConfigError
    from headgate.domain.settings import Settings


def load(file: Path) -> Settings:
    """Read and check a headgate.toml. Raises ConfigError."""
    file = file.absolute()
    raw = text.read(file, shown(file))
    document = text.parse(raw, shown(file))
    checked = seen.is_checked(file.parent, raw)
    mistakes = [] if checked else _shape_mistakes(document)
    # What the schema refused may have any type, so it can only be made sense of when the schema is content.
    mistakes = mistakes or nonsense(document, file.parent)
    if mistakes:
        raise _refusal(mistakes, raw, shown(file))
    if not checked:
        seen.remember(file.parent, raw)
    return settings_of(document, file.parent)


def shown(file: Path) -> str:
    """The file as people are told: relative to where they are, if it lies below."""
    relative = os.path.relpath(file)
    return str(file) if relative.startswith("..") else relative


def _shape_mistakes(document: dict[str, Any]) -> list[Mistake]:
    from headgate.config.shape import shape_mistakes

    return shape_mistakes(document)


def _refusal(mistakes: Sequence[Mistake], raw: bytes, name: str) -> ConfigError:
    from headgate.config.mistake import refusal

    return refusal(mistakes, text.decoded(raw, name), name)
