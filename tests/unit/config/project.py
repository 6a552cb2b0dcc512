"""A project on disk with a headgate.toml to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.config import load
from headgate.domain.errors import ConfigError, HeadgateError

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = """\
service = "shop"

[platform]
local_edge = ".headgate/edge"

[environments.staging]
[environments.production]

[[smoke]]
name = "front page"
"""


def write(folder: Path, text: str | bytes, *, wrangler: str = "wrangler.jsonc") -> Path:
    """Write a headgate.toml, with a wrangler configuration beside it."""
    file = folder / "headgate.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    if wrangler:
        (folder / wrangler).write_text("{}")
    return file


def refused(file: Path) -> ConfigError:
    """The error with which a file is refused."""
    with pytest.raises(ConfigError) as raised:
        load(file)
    return raised.value


def told(error: ConfigError) -> list[tuple[int, str, str]]:
    """Line, what and remedy of each mistake."""
    return [(_line(problem), problem.what, problem.remedy) for problem in error.problems]


def _line(problem: HeadgateError) -> int:
    return int(problem.where.rpartition(":")[2])
