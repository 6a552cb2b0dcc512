"""Which file is the project's wrangler configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""In the order in which wrangler looks for them."""


def find_wrangler_file(project: Path, named: str) -> str:
    """The named file, or the first that wrangler would find; '' if it is not there."""
    candidates = (named,) if named else NAMES
    return next((name for name in candidates if (project / name).is_file()), "")
