"""Lays out the example shop in a folder of its own, and lays its later releases over it."""

from __future__ import annotations

import shutil
from pathlib import Path

SHOP = Path(__file__).resolve().parent.parent / "examples" / "shop"
BETTER = "2-better"
FLAKY = "3-flaky"

_NOT_COPIED = ("node_modules", ".wrangler", ".headgate", "releases", "*.xml", "*.headgate.json", ".dev.vars*")


def lay_out(folder: Path) -> None:
    """Copy the shop's first release to a folder that does not exist yet."""
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))


def lay_over(folder: Path, release: str) -> None:
    """Lay the files of the next release over the one before it."""
    shutil.copytree(SHOP / "releases" / release, folder, dirs_exist_ok=True)
