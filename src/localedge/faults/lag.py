"""Reads that lag behind writes: what each path answered before, and until when that is still told."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localedge.faults.answers import Answer

PATHS_MAX = 200
QUERIES_MAX = 10
WRITES_MAX = 50


class Lag:
    """Knows with which queries a path is read, and what these reads were before each of the last writes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._queries: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._past: dict[str, deque[tuple[float, Mapping[str, Answer]]]] = {}

    def note(self, path: str, query: str) -> None:
        """Remember that the path is read so."""
        queries = self._queries.setdefault(path, OrderedDict())
        queries[query] = None
        queries.move_to_end(query)
        if len(queries) > QUERIES_MAX:
            queries.popitem(last=False)
        self._queries.move_to_end(path)
        if len(self._queries) > PATHS_MAX:
            self._queries.popitem(last=False)

    def queries(self, path: str) -> list[str]:
        """With which queries the path is to be read before a write: those seen, and none."""
        return list({"": None, **self._queries.get(path, {})})

    def wrote(self, path: str, before: Mapping[str, Answer], stale_ms: float) -> None:
        """From now on, for so long, the path answers as it did before."""
        if path not in self._past and len(self._past) >= PATHS_MAX:
            self._forget()
        past = self._past.setdefault(path, deque(maxlen=WRITES_MAX))
        past.append((self._clock() + stale_ms / 1000, before))

    def past(self, path: str, query: str) -> Answer | None:
        """What is told of the path now, if that is not what is. A query that was not seen before has none."""
        now = self._clock()
        for until, before in self._past.get(path, ()):
            if until > now:
                return before.get(query) or before.get("")
        return None

    def _forget(self) -> None:
        now = self._clock()
        over = [path for path, past in self._past.items() if past[-1][0] <= now]
        for path in over or list(self._past)[:1]:
            del self._past[path]
