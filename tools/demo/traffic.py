"""The demo's customers: they come as soon as the shop is open, and stay until the demo ends.

Before its first release the shop is an empty Worker, which `wrangler secret put` made to have a place for it.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from tools.demo.shell import DemoFailed
from tools.load import Bounds, Load
from tools.shopper import Request
from tools.strict_client import StrictClient

if TYPE_CHECKING:
    from typing import Self

    from tools.load import Counts

HOST = "shop-production.localhost"
_LOOK_EVERY_S = 0.5
_MORE_FOR_AT_MOST_S = 30


class Traffic:
    """Shop traffic on production, from the first time that `/health` answers 200."""

    def __init__(self, port: int, bounds: Bounds) -> None:
        """Send to the edge's traffic port."""
        self._door = StrictClient(port, HOST, timeout_s=2)
        self._load = Load(port, HOST, bounds)
        self._ended = threading.Event()
        self._waiting = threading.Thread(target=self._start_when_open, name="first-customer", daemon=True)

    def __enter__(self) -> Self:
        """Begin to wait for the shop to open."""
        self._waiting.start()
        return self

    def __exit__(self, *_: object) -> None:
        """See all requests to their end."""
        self._ended.set()
        self._waiting.join()
        self._load.stop()

    def counts(self) -> Counts:
        """What became of the requests so far."""
        return self._load.snapshot()

    def finish(self, at_least: int) -> Counts:
        """Go on until so many requests were sent, then end; the final counts. Raises DemoFailed."""
        deadline = time.monotonic() + _MORE_FOR_AT_MOST_S
        while (sent := self.counts().sent) < at_least:
            if time.monotonic() > deadline:
                raise DemoFailed(f"only {sent:,} of {at_least:,} requests could be sent")
            time.sleep(0.1)
        return self._load.stop()

    def _start_when_open(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            answer = self._door.send(Request("/health")).answer
            if answer and answer.version and answer.status == 200:
                self._load.start()
                break
        self._door.close()
