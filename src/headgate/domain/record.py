"""What happened to one change, read from its journal entries.

Status, the live view, the report and the engine's own decisions all come from here, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.change import NEXT, Change, Phase
from headgate.domain.errors import JournalBroken
from headgate.domain.gate import GateResult
from headgate.domain.journal import Entry, Event
from headgate.domain.judge import ROLLED_BACK
from headgate.domain.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from headgate.domain.rollout.stages import Stage


class StepState(StrEnum):
    """Where one step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class Outcome(StrEnum):
    """How a change ended."""

    DONE = "done"
    ROLLED_BACK = "rolled back"
    REJECTED = "rejected"


@dataclass(slots=True)
class StepRecord:
    """One step as it went. `calls` are the API calls and commands executed, as text."""

    name: str
    title: str
    state: StepState = StepState.WAITING
    facts: Mapping[str, Any] = field(default_factory=dict)
    verified: str = ""
    failure: str = ""
    remedy: str = ""
    """What to do about the failure."""
    calls: list[str] = field(default_factory=list)
    undo_calls: list[str] = field(default_factory=list)
    stage: Stage | None = None
    undo_facts: Mapping[str, Any] = field(default_factory=dict)
    """What the undo made or found: the split it set, or what it left alone and why."""
    seconds: float = 0.0
    started_at: str = ""


@dataclass(slots=True)
class ChangeRecord:
    """One change as it went so far."""

    change: Change
    phase: Phase
    proposed_at: str
    plan: Plan | None = None
    gates: list[GateResult] = field(default_factory=list)
    steps: dict[str, StepRecord] = field(default_factory=dict)
    watch: Mapping[str, Any] = field(default_factory=dict)
    """How the newest watch began: stage ('' for the one after all steps), script, new_version, and more."""
    watch_started_at: str = ""
    samples: list[Mapping[str, Any]] = field(default_factory=list)
    """Of all watches, oldest first."""
    watch_starts: list[tuple[Mapping[str, Any], str, int]] = field(default_factory=list)
    """Of each watch: how it began, when, and how many samples there were before it."""
    passed: dict[str, str] = field(default_factory=dict)
    """Why each stage was passed, by its step."""
    promote: Entry | None = None
    """A person's word that the stage now watched is good enough."""
    hold: Entry | None = None
    """A person's word not to go on from here."""
    retry: bool = False
    """Whether a person wants the watch begun anew."""
    asked: frozenset[str] = frozenset()
    """What a person was asked about in the watch that goes on."""
    heard_seq: int = 0
    """The number of the newest request of a person that is in here."""
    verdict: str = ""
    """Why it was promoted, rolled back or rejected."""
    automatic: bool = False
    """Whether Headgate rolled back by itself."""
    abort: Entry | None = None
    issues: list[str] = field(default_factory=list)
    undo_failures: int = 0
    """How often in a row undoing failed since the change was last taken up."""
    rollback_ready: bool | None = None
    """Whether going back was checked and works; None while it was not checked."""
    rollback_checked: str = ""
    good_version: str = ""
    notices: list[Mapping[str, Any]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    ended_at: str = ""
    last_at: str = ""

    @property
    def watch_samples(self) -> list[Mapping[str, Any]]:
        """Those of the watch that goes on."""
        return self.samples[self.watch_starts[-1][2] :] if self.watch_starts else []

    def watches(self) -> Iterator[tuple[Mapping[str, Any], str, list[Mapping[str, Any]]]]:
        """Each watch: how it began, when, and its samples."""
        ends = (*(begin for _, _, begin in self.watch_starts[1:]), len(self.samples))
        for (watch, at, begin), end in zip(self.watch_starts, ends, strict=False):
            yield watch, at, self.samples[begin:end]

    def done(self, step: str) -> bool:
        """Whether a step was done and verified, and is not undone."""
        return step in self.steps and self.steps[step].state is StepState.DONE

    @property
    def facts(self) -> dict[str, Mapping[str, Any]]:
        """What each finished step found or made, by step."""
        return {name: step.facts for name, step in self.steps.items() if step.facts}


def record_of(entries: Iterable[Entry]) -> ChangeRecord:
    """Fold the entries of one change, oldest first. Raises JournalBroken where they make no sense."""
    record: ChangeRecord | None = None
    for entry in entries:
        record = follow(record, entry)
    if record is None:
        raise JournalBroken("A change without entries was asked for.")
    return record


def follow(record: ChangeRecord | None, entry: Entry) -> ChangeRecord:
    """Take one more entry into a record (None before the first), in place."""
    if record is None:
        return _begin(entry)
    _PHASES.get(entry.event, _same)(record)
    _FOLDS.get(entry.event, _ignore)(record, entry)
    record.last_at = entry.at
    return record


def _begin(entry: Entry) -> ChangeRecord:
    if entry.event is not Event.CHANGE_PROPOSED:
        raise JournalBroken(f"Change {entry.change_id} begins with {entry.event}, not with its proposal.")
    return ChangeRecord(Change.from_json(entry.data), Phase.PROPOSED, entry.at, last_at=entry.at)


def _same(record: ChangeRecord) -> None:
    """The event changes no phase."""


def _ignore(record: ChangeRecord, entry: Entry) -> None:
    """The event says nothing more than its phase."""


def _to(phase: Phase) -> Callable[[ChangeRecord], None]:
    def move(record: ChangeRecord) -> None:
        if phase is not record.phase and phase not in NEXT[record.phase]:
            raise JournalBroken(f"Change {record.change.id} cannot go from {record.phase} to {phase}.")
        record.phase = phase

    return move


_PHASES: Mapping[Event, Callable[[ChangeRecord], None]] = {
    Event.CHANGE_PLANNED: _to(Phase.PLANNED),
    Event.CHANGE_GATED: _to(Phase.GATED),
    Event.CHANGE_APPROVED: _to(Phase.APPROVED),
    Event.CHANGE_REJECTED: _to(Phase.REJECTED),
    Event.CHANGE_RUNNING: _to(Phase.RUNNING),
    Event.CHANGE_VERIFIED: _to(Phase.VERIFIED),
    Event.CHANGE_WATCHED: _to(Phase.WATCHED),
    Event.CHANGE_UNDOING: _to(Phase.UNDOING),
    Event.CHANGE_ROLLED_BACK: _to(Phase.ROLLED_BACK),
    Event.CHANGE_DOCUMENTED: _to(Phase.DOCUMENTED),
    Event.CHANGE_HANDED_OFF: _to(Phase.HANDED_OFF),
}


def _planned(record: ChangeRecord, entry: Entry) -> None:
    record.plan = Plan.from_json(entry.data["plan"])
    record.steps = {
        step.name: StepRecord(step.name, step.title, stage=step.stage) for step in record.plan.steps
    }


def _gate(record: ChangeRecord, entry: Entry) -> None:
    result = GateResult.from_json(entry.data["result"])
    record.gates.append(result)
    record.issues += [f"{f.verdict}: {result.gate}: {f.what}" for f in result.findings if f.verdict != "pass"]


def _rejected(record: ChangeRecord, entry: Entry) -> None:
    record.verdict = entry.data["why"]


def _step_started(record: ChangeRecord, entry: Entry) -> None:
    step = record.steps[entry.data["step"]]
    step.state, step.started_at = StepState.RUNNING, entry.at


def _step_done(record: ChangeRecord, entry: Entry) -> None:
    step = record.steps[entry.data["step"]]
    step.state, step.facts, step.verified = StepState.DONE, entry.data["facts"], entry.data["verified"]
    step.calls += entry.data["calls"]
    step.seconds += entry.data["seconds"]


def _step_failed(record: ChangeRecord, entry: Entry) -> None:
    step = record.steps[entry.data["step"]]
    step.state, step.failure, step.remedy = StepState.FAILED, entry.data["what"], entry.data["remedy"]
    step.calls += entry.data["calls"]
    step.seconds += entry.data["seconds"]
    record.issues.append(f"step failed: {step.title}: {entry.data['what']}")


def _step_undone(record: ChangeRecord, entry: Entry) -> None:
    step = record.steps[entry.data["step"]]
    step.state, record.undo_failures = StepState.UNDONE, 0
    step.undo_facts = entry.data["facts"]
    step.undo_calls += entry.data["calls"]


def _undo_failed(record: ChangeRecord, entry: Entry) -> None:
    step = record.steps[entry.data["step"]]
    step.undo_calls += entry.data["calls"]
    record.undo_failures += 1
    record.issues.append(f"undoing failed: {step.title}: {entry.data['what']}")


def _resumed(record: ChangeRecord, entry: Entry) -> None:
    record.undo_failures = 0
    record.issues.append(f"interrupted, and taken up again at {entry.at}")


def _watch_started(record: ChangeRecord, entry: Entry) -> None:
    record.watch, record.watch_started_at = entry.data, entry.at
    record.watch_starts.append((entry.data, entry.at, len(record.samples)))
    record.asked = frozenset()
    record.promote, record.retry = None, False


def _sampled(record: ChangeRecord, entry: Entry) -> None:
    record.samples.append(entry.data)


def _watched(record: ChangeRecord, entry: Entry) -> None:
    record.verdict = entry.data["why"]


def _undoing(record: ChangeRecord, entry: Entry) -> None:
    record.verdict, record.automatic = entry.data["why"], entry.data["automatic"]
    record.issues.append(f"rolled back: {entry.data['why'].removeprefix(ROLLED_BACK)}")


def _stage_passed(record: ChangeRecord, entry: Entry) -> None:
    record.passed[entry.data["stage"]] = entry.data["why"]
    record.promote = record.hold = None


def _asked(record: ChangeRecord, entry: Entry) -> None:
    record.asked |= {entry.data["about"]}
    record.issues.append(f"a person was asked: {entry.data['why']}")


def _abort(record: ChangeRecord, entry: Entry) -> None:
    record.abort, record.heard_seq = entry, entry.seq


def _promote(record: ChangeRecord, entry: Entry) -> None:
    record.promote, record.hold, record.heard_seq = entry, None, entry.seq


def _hold(record: ChangeRecord, entry: Entry) -> None:
    record.hold, record.promote, record.heard_seq = entry, None, entry.seq


def _retry(record: ChangeRecord, entry: Entry) -> None:
    record.retry, record.hold, record.promote, record.heard_seq = True, None, None, entry.seq


def _good(record: ChangeRecord, entry: Entry) -> None:
    if entry.subject == str(record.change.target):
        record.good_version = entry.data["version_id"]


def _rollback_checked(record: ChangeRecord, entry: Entry) -> None:
    record.rollback_ready, record.rollback_checked = entry.data["ready"], entry.data["what"]


def _documents(record: ChangeRecord, entry: Entry) -> None:
    record.documents += entry.data["files"]


def _notice(record: ChangeRecord, entry: Entry) -> None:
    record.notices.append(entry.data)


def _closed(record: ChangeRecord, entry: Entry) -> None:
    record.outcome, record.ended_at = Outcome(entry.data["outcome"]), entry.at


_FOLDS: Mapping[Event, Callable[[ChangeRecord, Entry], None]] = {
    Event.CHANGE_PLANNED: _planned,
    Event.GATE_ANSWERED: _gate,
    Event.CHANGE_REJECTED: _rejected,
    Event.STEP_STARTED: _step_started,
    Event.STEP_DONE: _step_done,
    Event.STEP_FAILED: _step_failed,
    Event.STEP_UNDONE: _step_undone,
    Event.UNDO_FAILED: _undo_failed,
    Event.CHANGE_RESUMED: _resumed,
    Event.WATCH_STARTED: _watch_started,
    Event.WATCH_SAMPLED: _sampled,
    Event.STAGE_PASSED: _stage_passed,
    Event.PERSON_ASKED: _asked,
    Event.PROMOTE_REQUESTED: _promote,
    Event.HOLD_REQUESTED: _hold,
    Event.RETRY_REQUESTED: _retry,
    Event.CHANGE_WATCHED: _watched,
    Event.CHANGE_UNDOING: _undoing,
    Event.ABORT_REQUESTED: _abort,
    Event.VERSION_GOOD: _good,
    Event.ROLLBACK_CHECKED: _rollback_checked,
    Event.REPORT_WRITTEN: _documents,
    Event.CHANGE_DOCUMENTED: _documents,
    Event.NOTICE_SENT: _notice,
    Event.CHANGE_CLOSED: _closed,
}
