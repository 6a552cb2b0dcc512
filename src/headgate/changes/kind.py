"""What a kind of change says about itself: how it is planned, gated, done, verified and undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from headgate.domain.change import Change
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
    probe: bool = True
    """Whether smoke checks are sent along, so that a service without traffic has some."""


class Kind(Protocol):
    """A kind of change."""

    name: str
    gates: tuple[str, ...]
    """Names of the gates that it goes through."""

    def plan(self, change: Change, tools: Tools) -> Plan:
        """Find out what has to be done. Reads, and changes nothing."""

    def steps(self, plan: Plan) -> tuple[Step, ...]:
        """The plan's steps, in its order."""

    def watch(self, run: Run) -> Watch | None:
        """What is watched after the steps; None if nothing is."""

    def good_version(self, run: Run) -> Mapping[str, str]:
        """`version_id` and `artifact` of what is now known good."""
