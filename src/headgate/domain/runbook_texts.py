"""The wording of a runbook's blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind
from headgate.domain.report.ending import WORDS, Ending, ending_of
from headgate.domain.report.model import State
from headgate.domain.report.versions import is_first_release, serving_now, state_of, version_label
from headgate.domain.texts import as_code, in_markdown, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headgate.domain.record import ChangeRecord

_OUTCOMES: Mapping[State, str] = {
    State.DONE: "live",
    State.ROLLED_BACK: "rolled back",
    State.REJECTED: "rejected",
    State.RUNNING: "not finished",
}


def environment_lines(record: ChangeRecord) -> list[str]:
    """What serves in the change's environment after it, and how to go back from there."""
    environment, serving = record.change.target.environment, serving_now(record)
    # What serves after a change that was undone did so before it.
    when = "since" if state_of(record) is State.DONE else "after"
    lines = [
        f"### {in_markdown(environment)}",
        "",
        f"- Serving: {in_markdown(serving)}, {when} change {record.change.id} of {_day(record)}",
    ]
    if serving.startswith("nothing"):
        return [*lines, "- Go back: there is no version to go back to; release again"]
    return [
        *lines,
        f"- Go back: {_go_back(record)}",
        f"- By hand: {_codes(_by_hand(record))}",
        f"- What is there: {as_code(f'npx wrangler versions list --name {_script(record)}')}",
    ]


def change_lines(record: ChangeRecord) -> list[str]:
    """One change: who, why, how it went, and how it is undone."""
    change, state = record.change, state_of(record)
    noun = "rollback to version" if change.kind is ChangeKind.WORKER_ROLLBACK else "version"
    ending = ending_of(record)
    outcome = WORDS[ending] if ending else _OUTCOMES[state]
    if ending is Ending.WENT_BACK and record.automatic:
        outcome += " automatically"
    title = f"{_day(record)}: {noun} {version_label(record)} in {change.target.environment}: {outcome}"
    lines = [
        f"### {in_markdown(title)}",
        "",
        f"- By {in_markdown(str(change.author))}: {in_markdown(sentence(change.reason))}",
        f"- Result: {in_markdown(sentence(record.verdict or 'not known yet'))}",
        f"- Report: {as_code(f'headgate report {change.id}')}",
    ]
    if _is_live_release(record):
        return [*lines, f"- Roll this release back: {_codes(_planned(record))}"]
    return [*lines, f"- Serving after it: {in_markdown(sentence(serving_now(record)))}"]


def _go_back(record: ChangeRecord) -> str:
    if _is_live_release(record) and is_first_release(record):
        return "there is no earlier version; the Worker can only be taken away again"
    return (
        f"{as_code(f'headgate rollback {record.change.target.environment}')}, to the last known good version"
    )


def _by_hand(record: ChangeRecord) -> tuple[str, ...]:
    if _is_live_release(record):
        return tuple(command for command in _planned(record) if not command.startswith("headgate "))
    # What the plan names serves already; which one comes before it, a person has to choose.
    return (f"npx wrangler versions deploy VERSION_ID@100% --name {_script(record)} --yes",)


def _is_live_release(record: ChangeRecord) -> bool:
    return record.change.kind is ChangeKind.WORKER_RELEASE and state_of(record) is State.DONE


def _planned(record: ChangeRecord) -> tuple[str, ...]:
    return record.plan.rollback.by_hand if record.plan else ()


def _codes(commands: Iterable[str]) -> str:
    return " or ".join(as_code(command) for command in commands)


def _script(record: ChangeRecord) -> str:
    return str(record.change.arguments["scripts"][record.change.target.environment])


def _day(record: ChangeRecord) -> str:
    """The time of the proposal to the minute."""
    return f"{record.proposed_at[:10]} {record.proposed_at[11:16]} UTC"
