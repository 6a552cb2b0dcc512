"""The plan of a change: ordered steps, blast radius, and always a way back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import HeadgateError
from headgate.domain.rollout.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping


class WayBack(StrEnum):
    """How a change is undone."""

    VERSION = "version"
    """Deploy a version that is known good."""
    WITHDRAW = "withdraw"
    """First release: there is nothing to go back to, so the Worker is taken away again."""


class Trust(StrEnum):
    """Why the version to go back to is trusted."""

    VERIFIED = "verified"
    """The journal says that it was verified and watched."""
    ADOPTED = "adopted"
    """It served before Headgate came; its smoke checks passed when this change was gated."""
    NAMED = "named"
    """A person named it."""
    NONE = "none"
    """First release: there is no earlier version."""


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """The way back. `by_hand` holds the commands a person types if Headgate is not there."""

    way: WayBack
    version_id: str
    trust: Trust
    by_hand: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.way is WayBack.VERSION and not self.version_id:
            raise HeadgateError("A rollback plan names the version to go back to.")
        if not self.by_hand:
            raise HeadgateError("A rollback plan says how to go back by hand.")

    def __str__(self) -> str:
        if self.way is WayBack.WITHDRAW:
            return "take the Worker away again (first release: there is no version to go back to)"
        return f"deploy version {self.version_id} to 100 % ({self.trust})"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step as people read it before it is done."""

    name: str
    title: str
    undo: str
    stage: Stage | None = None
    """How production is watched after the step, before the next one begins."""

    def as_json(self) -> dict[str, Any]:
        """The step as the journal keeps it."""
        staged = {"stage": self.stage.as_json()} if self.stage else {}
        return {"name": self.name, "title": self.title, "undo": self.undo, **staged}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlannedStep:
        """Read what `as_json` wrote."""
        stage = Stage.from_json(data["stage"]) if "stage" in data else None
        return cls(data["name"], data["title"], data["undo"], stage)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order. It cannot be made without a rollback plan."""

    change_id: str
    steps: tuple[PlannedStep, ...]
    blast_radius: str
    rollback: RollbackPlan
    facts: Mapping[str, Any]
    """What the planner found out and the steps rely on, e.g. the versions serving now. JSON values only."""

    def __post_init__(self) -> None:
        if not self.steps:
            raise HeadgateError("A plan has at least one step.")

    @property
    def digest(self) -> str:
        """`sha256:...` over the whole plan; approvals are bound to it."""
        return "sha256:" + hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The plan as the journal keeps it."""
        return {
            "change_id": self.change_id,
            "steps": [step.as_json() for step in self.steps],
            "blast_radius": self.blast_radius,
            "rollback": {**asdict(self.rollback), "by_hand": list(self.rollback.by_hand)},
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Read a plan back from the journal."""
        back = data["rollback"]
        return cls(
            change_id=data["change_id"],
            steps=tuple(PlannedStep.from_json(step) for step in data["steps"]),
            blast_radius=data["blast_radius"],
            rollback=RollbackPlan(
                WayBack(back["way"]), back["version_id"], Trust(back["trust"]), tuple(back["by_hand"])
            ),
            facts=data["facts"],
        )
