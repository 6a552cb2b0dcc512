"""What is to be done after a change, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind
from headgate.domain.gate import Verdict
from headgate.domain.report.ending import Ending, ending_of, to_examine
from headgate.domain.report.model import About, State
from headgate.domain.report.versions import version_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.domain.record import ChangeRecord

_UNVERIFIED = "what serves there did not go through the gate"


def next_steps_of(record: ChangeRecord, about: About) -> tuple[str, ...]:
    """At least one line, each beginning with who has to act."""
    unheard = [
        f"Author: tell {notice['role']} yourself." for notice in record.notices if not notice["delivered"]
    ]
    return (*_BY_STATE[about.state](record, about), *dict.fromkeys(unheard))


def _after_done(record: ChangeRecord, about: About) -> list[str]:
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return _after_rollback(record, about)
    steps = [f"QA: verify {about.service} version {about.version} in {about.environment}."]
    if about.first_release:
        steps.append("Developer: release a second version soon; from then on there is one to go back to.")
    elif record.rollback_ready is False:
        steps.append(
            f"Developer: going back does not work now ({record.rollback_checked.rstrip('.')}). "
            "Release again soon; from then on this version is the way back."
        )
    if any(gate.verdict is Verdict.WARN for gate in record.gates):
        steps.append("Developer: look at the warnings under issues.")
    if record.rollback_ready or about.first_release:
        steps.append(f"Anyone, if it turns out bad: {_commands(record)}.")
    return steps


def _after_rollback(record: ChangeRecord, about: About) -> list[str]:
    left = version_before(record) or "that was left"
    what = f"{about.service} version {about.version} in {about.environment}"
    if about.serving != f"version {about.version_id}":
        what = f"that {about.service} works in {about.environment}: {_UNVERIFIED}"
    return [
        f"Developer: find out what was wrong with version {left}, mend it, and release again.",
        f"QA: verify {what}.",
    ]


def _after_rolled_back(record: ChangeRecord, about: About) -> list[str]:
    told = about.ending in (Ending.NO_TRAFFIC_MOVED, Ending.WENT_BACK)
    steps = [f"Developer: {to_do_first(record, why=record.verdict.rstrip('.'))}"]
    steps += [
        f"Debugger: examine version {version_id} in {environment}; it is uploaded"
        f"{' and has no traffic' if told and environment == about.environment else ''}."
        for environment, version_id in to_examine(record).items()
    ]
    return [*steps, *_look_after(about)]


def to_do_first(record: ChangeRecord, *, why: str = "") -> str:
    """What the developer has to do before the next try, after a change that turned round."""
    because, environment = f" ({why})" if why else "", record.change.target.environment
    if ending_of(record) is Ending.LEFT_ALONE:
        return f"agree with them which version is to serve in {environment}{because}, then try again."
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return f"name another version with `headgate rollback {environment} --to VERSION_ID`{because}."
    first = "mend what failed" if record.automatic else "see why it was stopped"
    return f"{first}{because}, then release again."


def _look_after(about: About) -> list[str]:
    service, environment = about.service, about.environment
    if about.ending is Ending.WITHDRAWN:
        return [f"PM: nothing serves {service} in {environment} until it is released again."]
    if about.ending is Ending.LEFT_ALONE:
        return [f"QA: verify that {service} works in {environment}: {_UNVERIFIED}."]
    if about.ending is Ending.WENT_BACK:
        return [f"QA: verify that {service} works in {environment}."]
    return []


def _after_rejected(record: ChangeRecord, _about: About) -> list[str]:
    remedies = [
        f"Developer: {finding.remedy}"
        for gate in record.gates
        for finding in gate.findings
        if finding.remedy and finding.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE)
    ]
    return [*dict.fromkeys(remedies), "Developer: mend what was found, then release again."]


def _while_running(record: ChangeRecord, _about: About) -> list[str]:
    if record.undo_failures:
        return [f"Author: undoing fails, so bring production back by hand: {_commands(record)}."]
    return ["Author: wait for the end; `headgate status` shows where the change is."]


def _commands(record: ChangeRecord) -> str:
    commands = record.plan.rollback.by_hand if record.plan else ()
    return " or ".join(f"`{command}`" for command in commands) or "there is no plan"


_BY_STATE: Mapping[State, Callable[[ChangeRecord, About], list[str]]] = {
    State.DONE: _after_done,
    State.ROLLED_BACK: _after_rolled_back,
    State.REJECTED: _after_rejected,
    State.RUNNING: _while_running,
}
