"""The router's slots: sockets that it knows before a version is there, so that a new one needs no restart."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from localedge.runtime.errors import TooManyVersions

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 256


class Slots:
    """Numbers with a socket path each. The one given back longest ago is taken first."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / f"v{slot}" for slot in range(COUNT)]
        self._free = deque(range(COUNT))

    def take(self) -> int:
        if not self._free:
            raise TooManyVersions(COUNT)
        return self._free.popleft()

    def give_back(self, slot: int) -> None:
        self._free.append(slot)
