"""Which version a change is about, and which one serves after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.change import ChangeKind, Phase
from headgate.domain.plan import WayBack
from headgate.domain.report.model import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord


_STATES: Mapping[Phase, State] = {
    Phase.WATCHED: State.DONE,
    Phase.DOCUMENTED: State.DONE,
    Phase.HANDED_OFF: State.DONE,
    Phase.ROLLED_BACK: State.ROLLED_BACK,
    Phase.REJECTED: State.REJECTED,
}


def state_of(record: ChangeRecord) -> State:
    """How a change stands: after its work on production only the paperwork is left."""
    return _STATES.get(record.phase, State.RUNNING)


def released_version(record: ChangeRecord) -> str:
    """The id of the version that was to serve; '' if it did not come to that."""
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return record.plan.rollback.version_id if record.plan else str(record.change.arguments["version_id"])
    return str(_upload(record).get("version_id", ""))


def version_label(record: ChangeRecord) -> str:
    """The version as people name it."""
    version_id = released_version(record)
    if not version_id:
        artifact = str(record.change.arguments.get("artifact", "")) or "unknown"
        return f"(not uploaded; artifact {artifact[:19]})"
    number = _upload(record).get("number")
    return f"{number} ({version_id})" if number else version_id


def version_before(record: ChangeRecord) -> str:
    """The version that served before the change; '' if that is not known or there was none."""
    return str(_planned(record, "serving").get(record.change.target.environment, ""))


def is_first_release(record: ChangeRecord) -> bool:
    """Whether there was no version to go back to."""
    return record.plan is not None and record.plan.rollback.way is WayBack.WITHDRAW


def serving_now(record: ChangeRecord) -> str:
    """What serves in the environment after the change, in words."""
    state = state_of(record)
    if state is State.DONE:
        return f"version {released_version(record)}"
    if state is State.RUNNING:
        return "not known: the change is not finished"
    # Steps are undone from the last to the first, so the first one's undo is what holds.
    for step in record.steps.values():
        told = _after_undo(step.undo_facts)
        if told and step.name.endswith(f"-{record.change.target.environment}"):
            return told
    before = version_before(record)
    if before:
        return f"version {before}, as before"
    return "nothing, as before" if record.plan else "what served before; it was not looked at"


def gives_all_traffic(facts: Mapping[str, Any], version_id: str) -> bool:
    """Whether a step with these facts left all the traffic with a version."""
    if facts.get("created_worker") and facts.get("version_id") == version_id:
        return True
    return bool(facts.get("split", {}).get(version_id) == 100)


def brings_back(record: ChangeRecord, undone: Mapping[str, Any]) -> bool:
    """Whether this undo brought the traffic of the change's environment back."""
    facts = undone["facts"]
    mine = str(undone["step"]).endswith(f"-{record.change.target.environment}")
    return mine and not facts.get("left_alone") and bool(_after_undo(facts))


def _after_undo(facts: Mapping[str, Any]) -> str:
    if facts.get("left_alone"):
        return f"what somebody else deployed: {facts['left_alone']}"
    if facts.get("withdrawn"):
        return f"nothing: the Worker {facts['withdrawn']} was taken away again"
    serving = {version: share for version, share in facts.get("split", {}).items() if share}
    if len(serving) == 1:
        return f"version {next(iter(serving))}"
    return " and ".join(f"version {version} at {share:g} %" for version, share in serving.items())


def _upload(record: ChangeRecord) -> Mapping[str, Any]:
    return record.facts.get(f"upload-{record.change.target.environment}", {})


def _planned(record: ChangeRecord, fact: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.plan.facts.get(fact, {}) if record.plan else {}
    return found
