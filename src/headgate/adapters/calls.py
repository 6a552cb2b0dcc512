"""The call log: what was really executed, kept until a step is written to the journal."""

from __future__ import annotations

import threading
from collections import deque


class MemoryCallLog:
    """Keeps the newest `most` lines; threads may share it."""

    def __init__(self, *, most: int = 1000) -> None:
        self._lines: deque[str] = deque(maxlen=most)
        self._dropped = 0
        self._lock = threading.Lock()

    def note(self, line: str) -> None:
        with self._lock:
            self._dropped += len(self._lines) == self._lines.maxlen
            self._lines.append(line)

    def take(self) -> list[str]:
        with self._lock:
            lost = [f"({self._dropped} earlier lines were not kept)"] if self._dropped else []
            lines = lost + list(self._lines)
            self._lines.clear()
            self._dropped = 0
        return lines
