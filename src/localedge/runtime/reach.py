"""Where versions and object hosts are reached now, as files that every process reads when it calls one.

A file is replaced whole, so a reader sees the old or the new one. While there is none, callers wait.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localedge.runtime.files import private_folder, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Reach:
    """Values by kind and name. `kind` is a word, `name` a Worker's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)
        self._published: dict[tuple[str, str], Mapping[str, Any]] = {}

    def publish(self, kind: str, name: str, value: Mapping[str, Any]) -> None:
        """Let everyone find this from now on."""
        if self._published.get((kind, name)) == value:
            return
        new = self._folder / f"{kind}.{name}.new"
        write_private(new, json.dumps(value))
        new.replace(self._path(kind, name))
        self._published[kind, name] = value

    def withdraw(self, kind: str, name: str) -> None:
        """Let everyone wait, or fail, who looks for it from now on."""
        self._published.pop((kind, name), None)
        self._path(kind, name).unlink(missing_ok=True)

    def _path(self, kind: str, name: str) -> Path:
        return self._folder / f"{kind}.{name}.json"
