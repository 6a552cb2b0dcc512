"""How a change ended that turned round: what it had done to its environment by then, and what was undone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from headgate.domain.change import Phase
from headgate.domain.record import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord, StepRecord


class Ending(StrEnum):
    """What the record shows of the environment that the change was for."""

    NEVER_CHANGED = "never changed"
    """It ended before, in staging or with an upload that failed."""
    NO_TRAFFIC_MOVED = "no traffic moved"
    """The version was there, at 0 % at the most."""
    WENT_BACK = "went back"
    """The switch was begun; the traffic is as it was before."""
    WITHDRAWN = "withdrawn"
    """A first release: the Worker was taken away again."""
    LEFT_ALONE = "left alone"
    """Somebody else deployed meanwhile, and that was not touched."""


WORDS: Mapping[Ending, str] = {
    Ending.NEVER_CHANGED: "undone before anything was changed there",
    Ending.NO_TRAFFIC_MOVED: "undone before any traffic was moved",
    Ending.WENT_BACK: "rolled back",
    Ending.WITHDRAWN: "taken away again",
    Ending.LEFT_ALONE: "stopped: somebody else deployed",
}
"""What became of the change, to go on from "it was"."""


def ending_of(record: ChangeRecord) -> Ending | None:
    """The ending; None unless the change turned round and came to its end."""
    if record.phase is not Phase.ROLLED_BACK:
        return None
    steps = steps_in(record, record.change.target.environment)
    for step in steps.values():
        if step.undo_facts.get("withdrawn"):
            return Ending.WITHDRAWN
        if was_left_alone(step):
            return Ending.LEFT_ALONE
    if any(moves_traffic(act) and _begun(steps, act) for act in steps):
        return Ending.WENT_BACK
    uploaded = "upload" in steps and bool(steps["upload"].facts)
    return Ending.NO_TRAFFIC_MOVED if uploaded or _begun(steps, "reach") else Ending.NEVER_CHANGED


def steps_in(record: ChangeRecord, environment: str) -> Mapping[str, StepRecord]:
    """The steps of an environment by what they do (`upload`, `reach`, `smoke`, `switch`), in their order."""
    parted = {name.partition("-")[::2]: step for name, step in record.steps.items()}
    return {act: step for (act, where), step in parted.items() if where == environment}


def moves_traffic(act: str) -> bool:
    """Whether users meet the new version after a step of this kind."""
    return act == "switch" or act.startswith("canary")


def was_left_alone(step: StepRecord) -> bool:
    """Whether the undo found what somebody else made. An upload that made nothing leaves nothing behind."""
    made_nothing = step.name.startswith("upload-") and not step.facts
    return bool(step.undo_facts.get("left_alone")) and not made_nothing


def to_examine(record: ChangeRecord) -> Mapping[str, str]:
    """Environment -> version that the change uploaded and, as far as is known, is on the platform still.

    The one in the environment that the change was for, if there is one; else those it came through before.
    """
    left = {
        name.partition("-")[2]: str(step.facts["version_id"])
        for name, step in record.steps.items()
        if name.startswith("upload-")
        and step.facts.get("version_id")
        and not {"withdrawn", "left_alone"} & step.undo_facts.keys()
    }
    last = record.change.target.environment
    return {last: left[last]} if last in left else left


def _begun(steps: Mapping[str, StepRecord], act: str) -> bool:
    return act in steps and steps[act].state is not StepState.WAITING
