"""Who is told what when a change ends: each role gets what it has to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind, Phase
from headgate.domain.gate import Verdict
from headgate.domain.role import Notice, Role

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord


def notices_of(record: ChangeRecord) -> tuple[Notice, ...]:
    """The notices for a change in its present phase; at least one."""
    if record.phase is Phase.REJECTED:
        return (_notice(record, Role.DEVELOPER, "was refused", _refusal(record)),)
    if record.phase is Phase.ROLLED_BACK:
        return tuple(_notice(record, role, "was rolled back", text) for role, text in _rollback_texts(record))
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


def _rollback_texts(record: ChangeRecord) -> tuple[tuple[Role, str], ...]:
    why = record.verdict
    return (
        (Role.DEVELOPER, f"{why}\nMend it and release again; the report has the figures."),
        (Role.DEBUGGER, f"{why}\nThe version that failed is still uploaded and can be examined."),
        (Role.PM, f"{why}\nUsers are served by the version before."),
    )


def _success_texts(record: ChangeRecord) -> tuple[tuple[Role, str], ...]:
    what = record.verdict
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return (
            (Role.DEVELOPER, f"{what}\nFind out what was wrong with the version that was left."),
            (Role.PM, f"{what}\nUsers are served by version {record.good_version}."),
        )
    return (
        (
            Role.QA,
            f"{what}\nPlease verify version {record.good_version} in {record.change.target.environment}.",
        ),
        (Role.PM, f"{what}\nVersion {record.good_version} is live."),
    )
