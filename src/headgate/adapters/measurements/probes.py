"""Headgate's own probes as the only source: the port `MetricSource`, where nothing else measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.adapters.measurements.counting import at_most, bucket_of, moment_of
from headgate.domain.errors import PlatformError
from headgate.domain.rollout.reading import Reading
from headgate.domain.rollout.sources import PROBES
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headgate.domain.rollout.reading import Mark
    from headgate.domain.settings import SmokeCheck
    from headgate.ports import Clock, Prober

_NOTE = "Only Headgate's own probes are counted: what users meet is not measured."


@dataclass(slots=True)
class _Sums:
    requests: int = 0
    errors: int = 0
    slow: dict[float, int] = field(default_factory=dict)

    def take(self, *, passed: bool, seconds: float) -> None:
        self.requests += 1
        self.errors += not passed
        edge = bucket_of(1000 * seconds)
        self.slow[edge] = self.slow.get(edge, 0) + 1

    def counters(self) -> Counters:
        return Counters(self.requests, 0, self.errors, at_most(self.slow))


@dataclass(slots=True)
class _Watch:
    epoch: str
    sums: dict[str, _Sums]


class ProbedVersions:
    """Sends `per_reading` requests to each version at every reading, taking turns.

    A check that does not pass is an error. What was sent is known to this process only, so one that takes a
    change up begins a new epoch.
    """

    def __init__(
        self,
        prober: Prober,
        checks: Sequence[SmokeCheck],
        address: Callable[[str], str],
        clock: Clock,
        *,
        per_reading: int,
    ) -> None:
        """`address` tells at which base URL a Worker answers. Checks that run commands are left out."""
        self._prober = prober
        self._checks = [check for check in checks if not check.command]
        self._address = address
        self._clock = clock
        self._per_reading = per_reading
        self._watches: dict[tuple[str, str], _Watch] = {}

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        at, wanted = self._clock.now().isoformat(), [version for version in versions if version]
        self._watches[script, at] = _Watch(at, {version: _Sums() for version in wanted})
        return {"source": PROBES, "at": at, "versions": wanted, "epoch": at}

    def since(self, script: str, mark: Mark) -> Reading:
        moment_of(mark, PROBES)
        watch = self._watches.get((script, mark["epoch"])) or self._taken_up(script, mark)
        self._probe(script, watch)
        counters = {version: sums.counters() for version, sums in watch.sums.items()}
        return Reading(self._clock.now(), counters, notes=(_NOTE,), epoch=watch.epoch)

    def check(self, script: str) -> str:
        """Whether there is something to probe with. Raises PlatformError."""
        self._probe(script, _Watch("", {}))
        return f"{len(self._checks)} smoke checks are sent as probes"

    def _taken_up(self, script: str, mark: Mark) -> _Watch:
        epoch = f"taken up {self._clock.now().isoformat()}"
        watch = _Watch(epoch, {version: _Sums() for version in mark["versions"]})
        self._watches[script, mark["epoch"]] = watch
        return watch

    def _probe(self, script: str, watch: _Watch) -> None:
        if not self._checks:
            raise PlatformError(
                "There is no HTTP smoke check to probe with.",
                where="[[smoke]] in headgate.toml",
                remedy="Add one, or set another source under [metrics].",
            )
        base_url = self._address(script)
        for number in range(self._per_reading):
            check = self._checks[number % len(self._checks)]
            for version, sums in watch.sums.items():
                result = self._prober.run(check, base_url, script=script, version_id=version)
                sums.take(passed=result.passed, seconds=result.seconds)
