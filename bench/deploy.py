"""A whole gated release against two bare uploads: what the gates, the smoke checks and the record cost."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING

from bench.figures import Pairs

if TYPE_CHECKING:
    from bench.scene import Scene

PAIRS = 4


def measure(scene: Scene) -> Pairs:
    """`headgate deploy` without its watch, and `wrangler deploy` to staging and to production, in turn."""
    seconds = []
    for number in range(PAIRS + 1):
        pair = (_headgate(scene), _wrangler(scene))
        if number:  # the first pair warms up
            seconds.append(pair)
    return Pairs("headgate deploy, its watch aside", "wrangler deploy, twice", tuple(seconds))


def _headgate(scene: Scene) -> float:
    began = time.perf_counter()
    scene.run(scene.headgate("deploy", "--reason", "measured"))
    return time.perf_counter() - began - _watched_seconds(scene)


def _watched_seconds(scene: Scene) -> float:
    """How long the newest release was watched, by its journal."""
    entries = json.loads(scene.run(scene.headgate("journal", "show", "--json")))["entries"]
    at = {entry["event"]: datetime.fromisoformat(entry["at"]) for entry in entries}
    return (at["change.watched"] - at["watch.started"]).total_seconds()


def _wrangler(scene: Scene) -> float:
    began = time.perf_counter()
    for environment in ("staging", "production"):
        scene.run(scene.wrangler("deploy", "--env", environment))
    return time.perf_counter() - began
