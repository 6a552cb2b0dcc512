"""Canary releases of a shop in memory, carried by the real engine, with traffic that follows the split."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy

from headgate.domain.moves import Do
from headgate.domain.rollout.reading import Mark, Past, Reading
from headgate.domain.rollout.stages import RolloutRules
from headgate.domain.traffic import NOTHING_COUNTED, Counters, total
from headgate.engine.mover import Mover
from tests.unit.changes.stage import PRODUCTION, Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headgate.domain.journal import Entry
    from headgate.domain.record import ChangeRecord

REQUESTS_A_SECOND = 100
EDGES_MS = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
MEDIAN_MS, SPREAD = 30.0, 0.6
RULES = RolloutRules("canary", soak_seconds=60, baseline_seconds=60)
MOVES_MAX = 600


@dataclass
class Traffic:
    """A source of measurements: users, by the split that is deployed; errors and latencies come by chance."""

    shop: Shop
    error_rates: dict[str, float] = field(default_factory=dict)
    """By version; 0.5 % where nothing is said."""
    slowness: dict[str, float] = field(default_factory=dict)
    requests_a_second: float = REQUESTS_A_SECOND
    chance: numpy.random.Generator = field(default_factory=lambda: numpy.random.default_rng(5))

    def __post_init__(self) -> None:
        self._counted: dict[str, Counters] = {}
        self._at = self.shop.clock.now()

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        self._go_on()
        past = {version: self._draw(version, 1800 * self.requests_a_second) for version in versions[1:]}
        base = {version: self._of(version).mark() for version in versions}
        return {"base": base, "history": [Past(1800.0, past).as_json()]}

    def since(self, script: str, mark: Mark) -> Reading:
        self._go_on()
        counted = {
            version: self._of(version).since(Counters.from_mark(base))
            for version, base in mark["base"].items()
        }
        return Reading(self.shop.clock.now(), counted)

    def _go_on(self) -> None:
        now = self.shop.clock.now()
        seconds, self._at = (now - self._at).total_seconds(), now
        split = self.shop.platform.workers[PRODUCTION].deployments[-1].split
        for version, share in split.items():
            drawn = self._draw(version, seconds * self.requests_a_second * share / 100)
            self._counted[version] = total((self._of(version), drawn))

    def _of(self, version: str) -> Counters:
        nothing = replace(NOTHING_COUNTED, buckets=dict.fromkeys((*EDGES_MS, math.inf), 0))
        return self._counted.get(version, nothing)

    def _draw(self, version: str, requests: float) -> Counters:
        count = round(requests)
        errors = int(self.chance.binomial(count, self.error_rates.get(version, 0.005)))
        median_ms = MEDIAN_MS * self.slowness.get(version, 1.0)
        took_ms = median_ms * numpy.exp(SPREAD * self.chance.standard_normal(count))
        buckets = {edge: int((took_ms <= edge).sum()) for edge in (*EDGES_MS, math.inf)}
        return Counters(count, 0, errors, buckets)


def carried(
    until: Callable[[ChangeRecord], bool] = lambda _: False,
    *,
    error_rate: float = 0.005,
    slower: float = 1.0,
    rules: RolloutRules = RULES,
    requests_a_second: float = REQUESTS_A_SECOND,
) -> tuple[Shop, ChangeRecord]:
    """A canary release, carried to its end or until it is as wanted; the second version of the shop."""
    shop = open_shop(rules)
    shop.release()
    traffic = Traffic(shop, requests_a_second=requests_a_second)
    shop.works = replace(shop.works, tools=replace(shop.works.tools, metrics=traffic))
    change_id = shop.propose()
    mover = Mover(shop.works, change_id)
    record = shop.record(change_id)
    for _ in range(MOVES_MAX):
        stopped = mover.move() is Do.STOP
        record = shop.record(change_id)
        new = str(record.facts.get("upload-production", {}).get("version_id", ""))
        traffic.error_rates[new], traffic.slowness[new] = error_rate, slower
        if stopped or until(record):
            return shop, record
    raise AssertionError(f"no end: {record.samples[-1]['why']}")


@cache
def bad() -> tuple[Shop, ChangeRecord]:
    """One with many more errors."""
    return carried(error_rate=0.04)


@cache
def good() -> tuple[Shop, ChangeRecord]:
    """One that is as the version before."""
    return carried()


@cache
def halfway() -> tuple[Shop, ChangeRecord]:
    """One that is watched at 25 %."""
    return carried(lambda record: len(record.watch_samples) == 5 and record.watch["share_percent"] == 25)


def entries_of(shop: Shop, record: ChangeRecord) -> tuple[Entry, ...]:
    """The journal of that release."""
    return shop.journal.of_change(record.change.id)
