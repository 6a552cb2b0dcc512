"""Which file is the project's wrangler configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.settings import WRANGLER_FILES

if TYPE_CHECKING:
    from pathlib import Path


def find_wrangler_file(project: Path, named: str) -> str:
    """The named file, or the first that wrangler would find; '' if it is not there."""
    candidates = (named,) if named else WRANGLER_FILES
    return next((name for name in candidates if (project / name).is_file()), "")
