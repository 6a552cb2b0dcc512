"""Who is told what when a change ends: each role gets what it has to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind, Phase
from headgate.domain.gate import Verdict
from headgate.domain.report.ending import WORDS, Ending, ending_of, to_examine
from headgate.domain.report.next_steps import to_do_first
from headgate.domain.report.versions import serving_now
from headgate.domain.role import Notice, Role

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord


def notices_of(record: ChangeRecord) -> tuple[Notice, ...]:
    """The notices for a change in its present phase; at least one."""
    if record.phase is Phase.REJECTED:
        return (_notice(record, Role.DEVELOPER, "was refused", _refusal(record)),)
    if record.phase is Phase.ROLLED_BACK:
        verb = f"was {WORDS[ending_of(record) or Ending.WENT_BACK]}"
        return tuple(_notice(record, role, verb, text) for role, text in _ending_texts(record))
    return tuple(_notice(record, role, _verb(record), text) for role, text in _success_texts(record))


def _notice(record: ChangeRecord, role: Role, verb: str, text: str) -> Notice:
    change = record.change
    noun = "Rollback" if change.kind is ChangeKind.WORKER_ROLLBACK else "Release"
    data = {
        "change": change.id,
        "kind": change.kind.value,
        "target": str(change.target),
        "author": str(change.author),
        "reason": change.reason,
        "verdict": record.verdict,
        "report": list(record.documents),
    }
    return Notice(role, f"{noun} {change.id} of {change.target} {verb}", text, data)


def _verb(record: ChangeRecord) -> str:
    return "is done" if record.change.kind is ChangeKind.WORKER_ROLLBACK else "is live"


def _refusal(record: ChangeRecord) -> str:
    lines = [record.verdict]
    for gate in record.gates:
        for finding in gate.findings:
            if finding.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
                place = f" ({finding.where})" if finding.where else ""
                lines.append(f"- {gate.gate}: {finding.what}{place} {finding.remedy}".rstrip())
    return "\n".join(lines)


def _ending_texts(record: ChangeRecord) -> tuple[tuple[Role, str], ...]:
    why, todo = record.verdict, to_do_first(record)
    return (
        (Role.DEVELOPER, f"{why}\n{todo[0].upper()}{todo[1:]} The report has the figures."),
        (Role.DEBUGGER, f"{why}\n{_what_is_left(record)}"),
        (Role.PM, f"{why}\n{_what_users_get(record)}"),
    )


def _what_is_left(record: ChangeRecord) -> str:
    """What a debugger can look at."""
    left = [
        f"version {version_id} in {environment}" for environment, version_id in to_examine(record).items()
    ]
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return "The report has what was called and answered; a rollback uploads nothing."
    if not left:
        return "No version of it is left on the platform; the report has what was called and answered."
    return f"Still uploaded, to be examined: {' and '.join(left)}."


def _what_users_get(record: ChangeRecord) -> str:
    environment, serving = record.change.target.environment, serving_now(record)
    ending = ending_of(record)
    if ending is Ending.NEVER_CHANGED:
        return f"It never changed {environment}. Serving there: {serving}."
    if ending is Ending.NO_TRAFFIC_MOVED:
        return f"No traffic was moved. Users are served by {serving}."
    if ending is Ending.WITHDRAWN or serving.startswith("not known"):
        return f"Serving in {environment} now: {serving}."
    return f"Users are served by {serving}."


def _success_texts(record: ChangeRecord) -> tuple[tuple[Role, str], ...]:
    what = record.verdict
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return (
            (Role.DEVELOPER, f"{what}\nFind out what was wrong with the version that was left."),
            (Role.PM, f"{what}\nUsers are served by {serving_now(record)}."),
        )
    return (
        (
            Role.QA,
            f"{what}\nPlease verify version {record.good_version} in {record.change.target.environment}.",
        ),
        (Role.PM, f"{what}\nVersion {record.good_version} is live."),
    )
