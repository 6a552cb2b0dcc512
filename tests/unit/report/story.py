"""Telling one change, entry by entry, as the engine writes it into the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headgate.domain.actor import HEADGATE, Actor
from headgate.domain.gate import Finding, GateResult
from headgate.domain.journal import Draft, Entry, Event
from headgate.domain.plan import Plan, PlannedStep, RollbackPlan
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from headgate.domain.change import Change

Data = Mapping[str, Any]


class Story:
    """Each method adds what its name says and takes a while; all of them give the story back."""

    def __init__(self, change: Change) -> None:
        self._clock = FixedClock()
        self._journal = MemoryJournal(self._clock)
        self._change = change
        self._titles: Mapping[str, str] = {}
        self.say(Event.CHANGE_PROPOSED, change.as_json(), by=change.author)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._journal.of_change(self._change.id)

    def wait(self, seconds: float) -> Story:
        self._clock.advance(seconds)
        return self

    def say(self, event: Event, data: Data | None = None, *, by: Actor = HEADGATE) -> Story:
        self._journal.append(Draft(event, self._change.id, str(self._change.target), str(by), data or {}))
        return self.wait(0.05)

    def plan(self, titles: Mapping[str, str], rollback: RollbackPlan, *calls: str, serving: str) -> Story:
        self._titles = titles
        planned = tuple(PlannedStep(name, title, "back") for name, title in titles.items())
        environments = dict.fromkeys(self._change.arguments["scripts"], serving)
        split = {name: {serving: 100.0} if serving else {} for name in environments}
        facts = {"serving": environments, "split": split}
        plan = Plan(self._change.id, planned, "all traffic", rollback, facts)
        said = {"plan": plan.as_json(), "digest": plan.digest, "calls": calls}
        return self.say(Event.CHANGE_PLANNED, said)

    def gate(self, name: str, summary: str, *findings: Finding) -> Story:
        result = GateResult(name, summary, findings)
        return self.say(Event.GATE_ANSWERED, {"result": result.as_json()})

    def start(self) -> Story:
        self.say(Event.CHANGE_GATED).say(Event.CHANGE_APPROVED, {"rule": "every gate let it through"})
        return self.say(Event.CHANGE_RUNNING)

    def do(self, name: str, facts: Data, *calls: str) -> Story:
        self._begin(name)
        done = {"step": name, "facts": facts, "verified": "seen", "calls": calls, "seconds": 0.412}
        return self.say(Event.STEP_DONE, done)

    def fail(self, name: str, what: str, remedy: str = "", *calls: str) -> Story:
        self._begin(name)
        failure = {"what": what, "where": "production", "remedy": remedy}
        return self.say(Event.STEP_FAILED, {"step": name, "calls": calls, "seconds": 0.41, **failure})

    def undo(self, name: str, facts: Data | None = None, *calls: str) -> Story:
        undone = {"step": name, "facts": facts or {}, "calls": calls, "seconds": 0.102}
        return self.wait(0.1).say(Event.STEP_UNDONE, undone)

    def fail_to_undo(self, name: str, what: str, remedy: str) -> Story:
        failure = {"what": what, "where": "", "remedy": remedy}
        return self.say(Event.UNDO_FAILED, {"step": name, "calls": [], "seconds": 30.0, **failure})

    def watch(self, new: str, old: str, *, can_undo: bool = True) -> Story:
        said = {"script": "shop-production", "new_version": new, "old_version": old, "can_undo": can_undo}
        return self.say(Event.WATCH_STARTED, {**said, "duration_seconds": 60.0, "marks": {}})

    def sample(self, answer: str, why: str, *, new: Data | None, old: Data | None) -> Story:
        said = {"new": new, "old": old, "watched_seconds": 60.0, "answer": answer, "why": why}
        return self.wait(5).say(Event.WATCH_SAMPLED, said)

    def turn_round(self, why: str, *, automatic: bool) -> Story:
        return self.say(Event.CHANGE_UNDOING, {"why": why, "automatic": automatic})

    def good(self, version_id: str, kept: str) -> Story:
        self.say(Event.VERSION_GOOD, {"version_id": version_id, "artifact": ""})
        what = f"version {kept} answered 2 smoke checks" if kept else "no earlier version is kept in reach"
        return self.say(Event.ROLLBACK_CHECKED, {"ready": bool(kept), "what": what})

    def notice(self, role: str, what: str = "") -> Story:
        sent = {"role": role, "channel": "webhook", "subject": "shop", "delivered": not what, "what": what}
        return self.say(Event.NOTICE_SENT, sent)

    def _begin(self, name: str) -> None:
        self.say(Event.STEP_STARTED, {"step": name, "title": self._titles[name]}).wait(0.4)
