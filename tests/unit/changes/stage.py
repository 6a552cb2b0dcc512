"""A shop on an account in memory, and the real engine that releases it and rolls it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from headgate.adapters.calls import MemoryCallLog
from headgate.changes.worker_release import WorkerRelease
from headgate.changes.worker_rollback import WorkerRollback
from headgate.domain.artifact import Bundle, Module
from headgate.domain.change import Change, ChangeKind, Target
from headgate.domain.errors import PlatformUnreachable
from headgate.domain.gate import GateResult
from headgate.domain.journal import Draft, Event
from headgate.domain.moves import Do
from headgate.domain.record import ChangeRecord, record_of
from headgate.domain.rollout.reading import Mark, Reading
from headgate.domain.rollout.stages import RolloutRules
from headgate.domain.settings import (
    EnvironmentSettings,
    JudgeSettings,
    Settings,
    SmokeCheck,
    WatchRules,
)
from headgate.domain.smoke import SmokeResult
from headgate.domain.traffic import Counters
from headgate.engine.mover import Mover
from headgate.engine.works import Works
from headgate.gates.rollback_plan import RollbackPlanGate
from headgate.ports import Tools
from tests.fakes.fake_platform import FakePlatform
from tests.fakes.fixed_clock import FixedClock
from tests.unit.engine.stage import ANN, KeptDocuments, KeptNotices, MortalJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headgate.changes.kind import Kind
    from headgate.gates import Gate, GateRequest
    from headgate.ports import ArtifactStore, WranglerProject

STAGING, PRODUCTION = "shop-staging", "shop-production"
SCRIPTS = {"staging": STAGING, "production": PRODUCTION}
TARGET = Target("shop", "production")


class OpenGate:
    """Lets everything through; the gates have tests of their own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self, request: GateRequest) -> GateResult:
        return GateResult(self.name, "open")


class SamePlaces:
    """A version's smoke checks pass unless it is among the `broken`."""

    def __init__(self, platform: FakePlatform) -> None:
        self._platform = platform
        self.broken: set[str] = set()

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        deployment = self._platform.workers[script].deployments[-1]
        in_reach = version_id in deployment.split
        passed = in_reach and version_id not in self.broken
        return SmokeResult(check.name, passed, "200" if passed else "500", 0.01)


class OneBundle:
    """An artifact store with one bundle."""

    def keep(self, bundle: Bundle) -> str:
        return "key"

    def load(self, key: str) -> Bundle:
        return Bundle(
            (Module("index.js", "application/javascript+module", b"export default {}"),),
            {"main_module": "index.js"},
        )


class HealthyMetrics:
    """A thousand more requests each time for each version that is asked for; half fail of the `failing`."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._requests = 0
        self.each = 1000
        self.failing: set[str] = set()
        self.silent = False

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        return {"from": self._requests, "versions": list(versions)}

    def since(self, script: str, mark: Mark) -> Reading:
        if self.silent:
            raise PlatformUnreachable("no answer")
        self._requests += self.each
        requests = self._requests - int(mark["from"])
        counted = {version: self._counted(version, requests) for version in mark["versions"]}
        return Reading(self._clock.now(), counted)

    def _counted(self, version_id: str, requests: int) -> Counters:
        errors = requests // 2 if version_id in self.failing else 0
        return Counters(requests, 0, errors, {float("inf"): requests})


@dataclass
class Shop:
    """The account, the journal, and what carries changes."""

    platform: FakePlatform
    journal: MortalJournal
    prober: SamePlaces
    metrics: HealthyMetrics
    works: Works
    notices: KeptNotices
    clock: FixedClock
    _number: int = 0

    def propose(self) -> str:
        """Propose a release to production, as `release` carries it; the change's id."""
        self._number += 1
        arguments = {
            "environments": ["staging", "production"],
            "artifact": "sha256:1",
            "bundles": {"staging": "key", "production": "key"},
            "scripts": SCRIPTS,
        }
        change = Change(f"c{self._number}", ChangeKind.WORKER_RELEASE, TARGET, ANN, "because", arguments)
        self.journal.append(Draft(Event.CHANGE_PROPOSED, change.id, str(TARGET), str(ANN), change.as_json()))
        return change.id

    def record(self, change_id: str) -> ChangeRecord:
        """How a change stands."""
        return record_of(self.journal.of_change(change_id))

    def release(self, meanwhile: Callable[[str], None] | None = None) -> ChangeRecord:
        """Release to production through staging; `meanwhile` is called with each step's name before it."""
        arguments = {
            "environments": ["staging", "production"],
            "artifact": "sha256:1",
            "bundles": {"staging": "key", "production": "key"},
            "scripts": SCRIPTS,
        }
        return self._carry(ChangeKind.WORKER_RELEASE, arguments, meanwhile)

    def rollback(self, version_id: str = "") -> ChangeRecord:
        """Roll production back."""
        arguments = {"version_id": version_id, "scripts": {"production": PRODUCTION}}
        return self._carry(ChangeKind.WORKER_ROLLBACK, arguments, None)

    def split(self, script: str = PRODUCTION) -> Mapping[str, float]:
        """What serves now."""
        return self.platform.workers[script].deployments[-1].split

    def _carry(
        self, kind: ChangeKind, arguments: Mapping[str, object], meanwhile: Callable[[str], None] | None
    ) -> ChangeRecord:
        self._number += 1
        change = Change(f"c{self._number}", kind, TARGET, ANN, "because", arguments)
        proposal = Draft(Event.CHANGE_PROPOSED, change.id, str(TARGET), str(ANN), change.as_json())
        self.journal.append(proposal)
        mover, begun = Mover(self.works, change.id), set[str]()
        while mover.move() is not Do.STOP:
            record = record_of(self.journal.of_change(change.id))
            waiting = next((s.name for s in record.steps.values() if s.state == "waiting"), "")
            if meanwhile and waiting and waiting not in begun and record.phase == "running":
                begun.add(waiting)
                meanwhile(waiting)
        return record_of(self.journal.of_change(change.id))


def open_shop(rollout: RolloutRules | None = None) -> Shop:
    """A shop whose Workers do not exist yet."""
    clock = FixedClock()
    platform, journal, notices = FakePlatform(clock=clock), MortalJournal(clock), KeptNotices()
    prober, metrics = SamePlaces(platform), HealthyMetrics(clock)
    tools = Tools(
        settings=_settings(rollout),
        project=Path(),
        platform=platform,
        calls=MemoryCallLog(),
        metrics=metrics,
        prober=prober,
        artifacts=cast("ArtifactStore", OneBundle()),
        wrangler=cast("WranglerProject", None),
        journal=journal,
        clock=clock,
    )
    gates: dict[str, Gate] = {name: OpenGate(name) for name in WorkerRelease.gates}
    gates["rollback-plan"] = RollbackPlanGate()
    kinds: dict[str, Kind] = {"worker_release": WorkerRelease(), "worker_rollback": WorkerRollback()}
    works = Works(tools, kinds, gates, KeptDocuments(), notices)
    return Shop(platform, journal, prober, metrics, works, notices, clock)


def _settings(rollout: RolloutRules | None) -> Settings:
    return Settings(
        service="shop",
        project="",
        wrangler_config="wrangler.jsonc",
        environments={
            name: EnvironmentSettings(name, name, url=f"http://{script}.localhost")
            for name, script in SCRIPTS.items()
        },
        smoke=(SmokeCheck("home"),),
        watch=WatchRules(duration_seconds=10, interval_seconds=5, ask_after_seconds=60),
        rollout=rollout or RolloutRules(),
        judge=JudgeSettings(grace_seconds=0),
    )
