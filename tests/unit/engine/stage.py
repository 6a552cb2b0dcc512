"""A stage for the engine: a small kind of change on a world in memory, which can be told to misbehave."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from headgate.adapters.calls import MemoryCallLog
from headgate.changes.kind import Facts, Result, Run, Step, Watch
from headgate.domain.actor import Actor, ActorKind
from headgate.domain.change import Change, ChangeKind, Target
from headgate.domain.errors import HeadgateError, JournalError, PlatformUnreachable, StepFailed
from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.domain.journal import Draft, Entry, Event
from headgate.domain.plan import Plan, PlannedStep, RollbackPlan, Trust, WayBack
from headgate.domain.role import Delivery, Notice
from headgate.domain.rollout.reading import Mark, Past, Reading
from headgate.domain.settings import EnvironmentSettings, JudgeSettings, Settings, SmokeCheck, WatchRules
from headgate.domain.smoke import SmokeResult
from headgate.domain.traffic import Counters, Deployment
from headgate.engine.works import Works
from headgate.ports import ArtifactStore, Platform, RunbookUpdate, Tools, WranglerProject
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.gates import GateRequest

STEPS = ("first", "second", "third")
TARGET = Target("shop", "production")
ANN = Actor(ActorKind.PERSON, "ann")


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the code under test may catch it."""


@dataclass
class World:
    """What the steps change. A value counts how often an act was done without being undone since."""

    done: dict[str, bool] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    failing_acts: set[str] = field(default_factory=set)
    failing_verifications: set[str] = field(default_factory=set)
    failing_undos: dict[str, int] = field(default_factory=dict)
    """Step -> how many more times its undo fails."""


class Rehearsal:
    """A kind of change with three steps on a World."""

    name = "worker_release"
    gates = ("only",)

    def __init__(self, world: World, *, watched: bool = True) -> None:
        self._world = world
        self._watched = watched

    def plan(self, change: Change, tools: Tools) -> Plan:
        back = RollbackPlan(WayBack.VERSION, "old", Trust.VERIFIED, ("undo it",))
        return Plan(change.id, tuple(step.planned for step in self._steps()), "the world", back, {})

    def steps(self, run: Run) -> tuple[Step, ...]:
        return self._steps()

    def watch(self, run: Run) -> Watch:
        return Watch("shop", "new" if self._watched else "", "old")

    def result(self, run: Run) -> Result:
        return Result(good_version="new", artifact="sha256:1", kept_version="old")

    def bad_version(self, run: Run) -> str:
        return "new"

    def _steps(self) -> tuple[Step, ...]:
        return tuple(self._step(name) for name in STEPS)

    def _step(self, name: str) -> Step:
        world = self._world

        def act(run: Run) -> Facts:
            world.log.append(f"do {name}")
            run.tools.calls.note(f"POST /{name} 200")
            world.done[name] = True
            if name in world.failing_acts:
                raise StepFailed(f"{name} broke", remedy="mend it")
            return {"made": name}

        def verify(run: Run, facts: Facts) -> str:
            if name in world.failing_verifications:
                raise StepFailed(f"{name} is not as it should be")
            return f"{facts['made']} is there"

        def undo(run: Run) -> Facts:
            world.log.append(f"undo {name}")
            if world.failing_undos.get(name, 0) > 0:
                world.failing_undos[name] -= 1
                raise PlatformUnreachable("no answer")
            world.done[name] = False
            return {}

        return Step(PlannedStep(name, f"the {name} step", "back"), act, verify, undo)


@dataclass
class ScriptedGate:
    """A gate that answers what it is told."""

    verdict: Verdict = Verdict.PASS
    name: str = "only"

    def check(self, request: GateRequest) -> GateResult:
        finding = Finding("told-so", self.verdict, "told so", "here", "ask again")
        return GateResult(self.name, "told so", (finding,))


@dataclass
class ScriptedMetrics:
    """A version has a thousand requests in each reading; None errors: cannot be read.

    `old_errors` are those of the version before; `requests` 0: nobody comes.
    """

    clock: FixedClock
    errors_of_thousand: int | None = 0
    old_errors: int = 0
    requests: int = 1000
    readings: int = 0
    without: set[str] = field(default_factory=set)
    """Versions that the source says nothing of."""

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        if self.errors_of_thousand is None:
            raise PlatformUnreachable("no counters")
        past = Past(1800, {"old": _counted(10_000, 10 * self.old_errors)})
        return {"from": self.readings, "versions": list(versions), "history": [past.as_json()]}

    def since(self, script: str, mark: Mark) -> Reading:
        if self.errors_of_thousand is None:
            raise PlatformUnreachable("no counters")
        self.readings += 1
        times = self.readings - int(mark["from"])
        errors = {"new": self.errors_of_thousand, "old": self.old_errors}
        counted = {
            version: _counted(times * self.requests, times * self.requests * errors[version] // 1000)
            for version in mark["versions"]
            if version not in self.without
        }
        return Reading(self.clock.now(), counted)


def _counted(requests: int, errors: int) -> Counters:
    return Counters(
        requests, 0, errors, {10.0: requests // 2, 100.0: requests, 1000.0: requests, float("inf"): requests}
    )


@dataclass
class Serving:
    """Of a platform, what the watch asks: the version that was released has all the traffic."""

    version_id: str = "new"
    split: dict[str, float] = field(default_factory=dict)
    silent_for: int = 0
    """How many more times it does not answer."""

    def deployment(self, script: str) -> Deployment:
        if self.silent_for:
            self.silent_for -= 1
            raise PlatformUnreachable("no answer")
        return Deployment(
            "d1", self.split or {self.version_id: 100.0}, "somebody@else", "2026-03-14T09:30:00Z", ""
        )


class PassingProber:
    """Every smoke check passes."""

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        return SmokeResult(check.name, passed=True, what="200", seconds=0.01)


class KeptDocuments:
    """Documents in memory."""

    def __init__(self) -> None:
        self.reports: dict[str, Mapping[str, str]] = {}
        self.runbook = ""
        self.broken = False

    def write_report(self, change_id: str, forms: Mapping[str, str]) -> tuple[str, ...]:
        if self.broken:
            raise HeadgateError("The report cannot be written.")
        self.reports[change_id] = forms
        return tuple(f"reports/{change_id}.{form}" for form in forms)

    def write_runbook(self, service: str, update: RunbookUpdate) -> str:
        self.runbook = update(self.runbook)
        return f"docs/runbooks/{service}.md"


class KeptNotices:
    """A notifier that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []

    def notify(self, notice: Notice) -> tuple[Delivery, ...]:
        self.sent.append(notice)
        return (Delivery(notice.role, "memory", delivered=True),)


class MortalJournal(MemoryJournal):
    """A journal whose process dies right before, or right after, it writes for the nth time."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.writes = 0
        self.dies_before: int | None = None
        self.dies_after: int | None = None
        self.full = False

    def append(self, *drafts: Draft) -> tuple[Entry, ...]:
        self.writes += 1
        if self.full:
            raise JournalError("the disk is full")
        if self.writes == self.dies_before:
            raise Killed
        entries = super().append(*drafts)
        if self.writes == self.dies_after:
            raise Killed
        return entries


@dataclass
class Stage:
    """Everything an engine test needs at hand."""

    world: World
    journal: MortalJournal
    clock: FixedClock
    gate: ScriptedGate
    metrics: ScriptedMetrics
    documents: KeptDocuments
    notices: KeptNotices
    works: Works
    serving: Serving

    def propose(self) -> str:
        """Propose the rehearsed change."""
        change = Change(
            "c1", ChangeKind.WORKER_RELEASE, TARGET, ANN, "because", {"scripts": {"production": "shop"}}
        )
        self.journal.append(Draft(Event.CHANGE_PROPOSED, "c1", str(TARGET), str(ANN), change.as_json()))
        return "c1"

    def events(self) -> list[Event]:
        """What the journal says, in order."""
        return [entry.event for entry in self.journal.everything()]


def set_stage(*, watched: bool = True) -> Stage:
    """A stage where everything goes well, until it is told otherwise."""
    world, clock = World(), FixedClock()
    journal, gate, metrics = MortalJournal(clock), ScriptedGate(), ScriptedMetrics(clock)
    documents, notices, serving = KeptDocuments(), KeptNotices(), Serving()
    tools = Tools(
        settings=_settings(),
        project=Path(),
        # The rehearsed kind asks nothing else of the account, and nothing of these two.
        platform=cast("Platform", serving),
        artifacts=cast("ArtifactStore", None),
        wrangler=cast("WranglerProject", None),
        calls=MemoryCallLog(),
        metrics=metrics,
        prober=PassingProber(),
        journal=journal,
        clock=clock,
    )
    works = Works(
        tools, {"worker_release": Rehearsal(world, watched=watched)}, {"only": gate}, documents, notices
    )
    return Stage(world, journal, clock, gate, metrics, documents, notices, works, serving)


def _settings() -> Settings:
    return Settings(
        service="shop",
        project="",
        wrangler_config="wrangler.jsonc",
        environments={
            "production": EnvironmentSettings("production", "production", url="http://shop.localhost")
        },
        smoke=(SmokeCheck("home"),),
        watch=WatchRules(duration_seconds=20, interval_seconds=5, ask_after_seconds=60),
        judge=JudgeSettings(grace_seconds=0),
    )
