"""Sends shop traffic at a steady rate and counts what became of each request.

An answer counts when a version of the Worker gave it, which the local edge marks with a header. No answer,
half an answer, or one that no version gave is a lost request.

    python -m tools.load --port 8790 --host shop-production.localhost --seconds 30
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import threading
import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.shopper import Shopper
from tools.strict_client import StrictClient

if TYPE_CHECKING:
    from tools.shopper import Request
    from tools.strict_client import Outcome

_LOSSES_TOLD = 20
_CATCH_UP_S = 0.1


@dataclass(frozen=True)
class Bounds:
    """How much traffic, and when it ends: after `requests` or `seconds`, whichever comes first."""

    rate_per_s: float = 500
    visitors: int = 16
    requests: int = 1_000_000
    seconds: float = 600
    timeout_s: float = 10


@dataclass
class VersionCounts:
    """The answers of one version, and how many of them were errors (5xx)."""

    answers: int = 0
    errors: int = 0


@dataclass
class Counts:
    """What became of the requests. When none is under way, `sent == answered + lost`."""

    sent: int = 0
    answered: int = 0
    worker_errors: int = 0
    """Of the answered: 5xx that a version of the Worker gave."""
    lost: int = 0
    reconnects: int = 0
    """Kept connections that the server had closed while idle, seen before anything was sent on them."""
    retries: int = 0
    """GETs sent once more, as the server closed a kept connection before the first byte of an answer."""
    by_version: dict[str, VersionCounts] = field(default_factory=dict)
    """By version id, in the order in which the versions first answered."""
    losses: list[str] = field(default_factory=list)
    """The first few lost requests, in words."""

    def copy(self) -> Counts:
        """These counts, which no longer change."""
        return deepcopy(self)

    def add(self, request: Request, outcome: Outcome) -> None:
        """Count what became of a request that was counted as sent."""
        self.reconnects += outcome.reconnected
        self.retries += outcome.retried
        answer = outcome.answer
        if answer is None:
            self._add_loss(request, outcome.loss)
        elif answer.version is None:
            self._add_loss(request, f"status {answer.status} from no version of the Worker")
        else:
            self.answered += 1
            self.worker_errors += answer.status >= 500
            version = self.by_version.setdefault(answer.version, VersionCounts())
            version.answers += 1
            version.errors += answer.status >= 500

    def _add_loss(self, request: Request, why: str) -> None:
        self.lost += 1
        if len(self.losses) < _LOSSES_TOLD:
            self.losses.append(f"{time.strftime('%H:%M:%S')} {request.method} {request.path}: {why}")

    def __str__(self) -> str:
        return (
            f"{self.sent:,} requests sent, {self.lost:,} lost, {self.worker_errors:,} errors of a version, "
            f"{self.reconnects:,} reconnects, {self.retries:,} retries"
        )


class _Pacer:
    """Hands out turns evenly; a short stall is caught up with, a long one is not."""

    def __init__(self, bounds: Bounds) -> None:
        self._lock = threading.Lock()
        self._interval_s = 1 / bounds.rate_per_s
        self._left = bounds.requests
        self._next = time.monotonic()
        self._end = self._next + bounds.seconds

    def take(self, stopped: threading.Event) -> bool:
        """Wait for the next turn; false when there is none left."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now - _CATCH_UP_S)
            if self._left == 0 or max(turn, now) >= self._end:
                return False
            self._left -= 1
            self._next = turn + self._interval_s
        return not stopped.wait(max(0, turn - now))


class Load:
    """Traffic of several visitors from `start()` until its bounds or `stop()`."""

    def __init__(self, port: int, host: str, bounds: Bounds | None = None) -> None:
        """Send to 127.0.0.1:`port` with `host` as Host header."""
        self._port = port
        self._host = host
        self._bounds = bounds or Bounds()
        self._counts = Counts()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._run = secrets.token_hex(4)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; returns at once."""
        pacer = _Pacer(self._bounds)
        self._threads = [
            threading.Thread(target=self._visit, args=(number, pacer), name=f"visitor-{number}", daemon=True)
            for number in range(self._bounds.visitors)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Counts:
        """Begin no more requests, see those under way to their end, and give the final counts."""
        self._stopped.set()
        return self.wait()

    def wait(self) -> Counts:
        """Wait until the bounds are reached and give the final counts."""
        for thread in self._threads:
            thread.join()
        return self.snapshot()

    @property
    def is_running(self) -> bool:
        """Whether any visitor is still there."""
        return any(thread.is_alive() for thread in self._threads)

    def snapshot(self) -> Counts:
        """The counts so far."""
        with self._lock:
            return self._counts.copy()

    def _visit(self, number: int, pacer: _Pacer) -> None:
        shopper = Shopper(f"{self._run}-{number}", random.Random(number))
        client = StrictClient(self._port, self._host, self._bounds.timeout_s)
        while pacer.take(self._stopped):
            request = shopper.next_request()
            with self._lock:
                self._counts.sent += 1
            outcome = client.send(request)
            with self._lock:
                self._counts.add(request, outcome)
            if outcome.answer:
                shopper.remember(outcome.answer.set_cookie)
        client.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Send shop traffic and count what became of each request.")
    parser.add_argument("--port", type=int, required=True, help="the local edge's traffic port")
    parser.add_argument("--host", required=True, help="Host header, such as shop-production.localhost")
    parser.add_argument("--rate", type=float, default=Bounds.rate_per_s, help="requests a second")
    parser.add_argument("--visitors", type=int, default=Bounds.visitors, help="visitors at once")
    parser.add_argument("--requests", type=int, default=Bounds.requests, help="end after so many")
    parser.add_argument("--seconds", type=float, default=60, help="end after so long")
    return parser.parse_args()


def main() -> int:
    """Run from the command line: a line a second, then the total; 1 when a request was lost."""
    given = _arguments()
    load = Load(given.port, given.host, Bounds(given.rate, given.visitors, given.requests, given.seconds))
    load.start()
    try:
        while load.is_running:
            time.sleep(1)
            print(load.snapshot(), flush=True)
    except KeyboardInterrupt:
        print("Stopping.")
    counts = load.stop()
    print("In all:", counts)
    for loss in counts.losses:
        print("  lost:", loss)
    return 1 if counts.lost else 0


if __name__ == "__main__":
    sys.exit(main())
