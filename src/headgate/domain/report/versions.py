"""Which version a change is about, and which one serves after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.change import ChangeKind, Phase
from headgate.domain.plan import WayBack
from headgate.domain.report.ending import Ending, ending_of, moves_traffic, steps_in, was_left_alone
from headgate.domain.report.model import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord, StepRecord

FOREIGN = "Somebody else changed the deployment: "
"""How the verdict begins where somebody else deployed while the change ran; who and what follows."""

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
        return _foreign(record) or f"version {released_version(record)}"
    if state is State.RUNNING:
        return "not known: the change is not finished"
    mine = steps_in(record, record.change.target.environment)
    # Steps are undone from the last to the first, so the first one's undo is what holds.
    for step in mine.values():
        if told := _after_undo(step):
            return f"{told}, as before" if ending_of(record) is Ending.NO_TRAFFIC_MOVED else told
    before = version_before(record)
    if before:
        return f"version {before}, as before"
    if any(step.undo_facts.get("left_alone") for step in mine.values()):
        return "nothing of this change; there was nothing before it"
    return "nothing, as before" if record.plan else "what served before; it was not looked at"


def _foreign(record: ChangeRecord) -> str:
    """What somebody else deployed while a change was watched that could not be undone any more."""
    if not record.verdict.startswith(FOREIGN):
        return ""
    return f"what somebody else deployed: {record.verdict.removeprefix(FOREIGN).rstrip('.')}"


def gives_all_traffic(facts: Mapping[str, Any], version_id: str) -> bool:
    """Whether a step with these facts left all the traffic with a version."""
    if facts.get("created_worker") and facts.get("version_id") == version_id:
        return True
    return bool(facts.get("split", {}).get(version_id) == 100)


def brings_back(record: ChangeRecord, step: str) -> bool:
    """Whether the undo of this step brought the traffic of the change's environment back."""
    mine = steps_in(record, record.change.target.environment)
    act, _, environment = step.partition("-")
    if environment != record.change.target.environment or was_left_alone(mine[act]):
        return False
    return moves_traffic(act) or bool(mine[act].undo_facts.get("withdrawn"))


def _after_undo(step: StepRecord) -> str:
    facts = step.undo_facts
    if was_left_alone(step):
        # An upload's undo knows that the Worker is not its own, and not whose it is.
        whose = "not known" if step.name.startswith("upload-") else "what somebody else deployed"
        return f"{whose}: {facts['left_alone']}"
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
