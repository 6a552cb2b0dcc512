"""What a kind of change says about itself: how it is planned, gated, done, verified and undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from headgate.domain.change import Change, Target
    from headgate.domain.plan import Plan, PlannedStep
    from headgate.ports import Tools

Facts = Mapping[str, Any]
"""What a step made or found, in JSON values."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a step works with. `facts` holds what earlier steps returned, by step name."""

    change: Change
    plan: Plan
    facts: Mapping[str, Facts]
    tools: Tools


@dataclass(frozen=True, slots=True)
class Step:
    """One act with its verification and its undo, side by side.

    All three converge: done again after a kill, they lead to the same state. `verify` returns one line that
    says what was seen, or raises StepFailed. `undo` works also where `act` was cut off half way.
    """

    planned: PlannedStep
    act: Callable[[Run], Facts]
    verify: Callable[[Run, Facts], str]
    undo: Callable[[Run], Facts]

    @property
    def name(self) -> str:
        """The step's name in the plan."""
        return self.planned.name


@dataclass(frozen=True, slots=True)
class Watch:
    """Looking at production for a while after the steps, with a verdict at its end."""

    script: str
    new_version: str
    old_version: str
    """Empty on a first release."""
    can_undo: bool = True
    """False for a rollback: going back to the version that was left would help nobody."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is now known good, what was left because it was bad, and what is kept in reach."""

    good_version: str
    artifact: str = ""
    bad_version: str = ""
    rehearsed: Mapping[Target, str] = field(default_factory=dict)
    """What is good in the environments that were gone through before, e.g. staging."""
    kept_version: str = ""
    """The version to go back to that must answer when called; empty where there is none."""


class Kind(Protocol):
    """A kind of change."""

    @property
    def name(self) -> str:
        """The kind's name in the journal."""

    @property
    def gates(self) -> tuple[str, ...]:
        """Names of the gates that it goes through."""

    def plan(self, change: Change, tools: Tools) -> Plan:
        """Find out what has to be done, changing nothing. Raises HeadgateError if it cannot be done."""

    def steps(self, run: Run) -> tuple[Step, ...]:
        """The plan's steps, in its order."""

    def watch(self, run: Run) -> Watch:
        """What is watched after the steps."""

    def result(self, run: Run) -> Result:
        """What the change made, once it is watched."""

    def bad_version(self, run: Run) -> str:
        """The version found bad if the change is undone; '' if none is."""
