"""What views read out of a record: the split now, the figures of both versions, how far the watch is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.domain.change import ChangeKind, Phase
from headgate.domain.record import StepState
from headgate.entrypoints.cli.views.words import moment, seconds_between

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from headgate.domain.record import ChangeRecord
    from headgate.domain.traffic import Split

PHASES = (
    Phase.PROPOSED,
    Phase.PLANNED,
    Phase.GATED,
    Phase.APPROVED,
    Phase.RUNNING,
    Phase.VERIFIED,
    Phase.WATCHED,
    Phase.DOCUMENTED,
    Phase.HANDED_OFF,
)
"""The life of a change that goes well."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted for one version since the switch; `counted` is None where there are no counters.

    `serves` is the version that has the traffic now, the other one the version before it.
    """

    label: str
    serves: bool
    version_id: str
    counted: Mapping[str, Any] | None


def split_now(record: ChangeRecord) -> Split:
    """The split in the change's environment, by the last step that set it; empty where it is not known."""
    if record.plan is None:
        return {}
    environment = record.change.target.environment
    split: Split = record.plan.facts.get("split", {}).get(environment, {})
    here = [step for step in record.steps.values() if step.name.endswith(f"-{environment}")]
    for step in here:
        if step.state is StepState.DONE:
            split = _split_set(step.facts) or split
    # Undoing goes backwards.
    for step in reversed(here):
        if step.state is StepState.UNDONE and (step.undo_facts.keys() & {"split", "left_alone", "withdrawn"}):
            split = step.undo_facts.get("split", {})
    return split


def _split_set(facts: Mapping[str, Any]) -> Split:
    if facts.get("created_worker"):
        return {facts["version_id"]: 100.0}
    split: Split = facts.get("split", {})
    return split


def left_alone(record: ChangeRecord) -> list[str]:
    """What an undo did not touch because somebody else had changed it."""
    facts = (step.undo_facts for step in record.steps.values())
    return [str(found["left_alone"]) for found in facts if "left_alone" in found]


def new_version(record: ChangeRecord) -> str:
    """The version that the change is about: uploaded, or gone back to; '' while it is not known."""
    if record.watch:
        return str(record.watch["new_version"])
    uploaded = record.facts.get(f"upload-{record.change.target.environment}", {})
    return str(uploaded.get("version_id", ""))


def figures(record: ChangeRecord) -> tuple[Figures, ...]:
    """Both versions' figures from the last sample; nothing before the first."""
    if not record.samples:
        return ()
    last = record.samples[-1]
    labels = ("now", "left") if record.change.kind is ChangeKind.WORKER_ROLLBACK else ("new", "old")
    new = Figures(
        labels[0], serves=True, version_id=str(record.watch.get("new_version", "")), counted=last["new"]
    )
    old = Figures(
        labels[1], serves=False, version_id=str(record.watch.get("old_version", "")), counted=last["old"]
    )
    return (new, old) if old.version_id else (new,)


def watch_seconds(record: ChangeRecord, now: datetime) -> tuple[float, float]:
    """How long the watch has gone on, and how long it is meant to; 0 where that is not known."""
    planned = float(record.watch.get("duration_seconds", 0.0))
    return seconds_between(record.watch_started_at, now), planned


def took_seconds(record: ChangeRecord, now: datetime) -> float:
    """From the proposal to the end, or to now."""
    return seconds_between(record.proposed_at, moment(record.ended_at) or now)
