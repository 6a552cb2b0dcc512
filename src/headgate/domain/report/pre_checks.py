"""The pre-checks: what the gates said, under the three headings of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind
from headgate.domain.gate import GateResult, lets_through
from headgate.domain.report.model import PreCheck

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord

NOT_RUN = "not run"
_HEADINGS = (
    ("Tests", ("tests",), "PASS", "FAIL"),
    ("Security", ("secrets", "dependencies"), "PASS", "FAIL"),
    ("Config", ("configuration",), "VALID", "INVALID"),
)


def pre_checks_of(record: ChangeRecord) -> tuple[PreCheck, ...]:
    """Tests, Security and Config, always all three."""
    return tuple(
        _pre_check(record, name, [result for result in record.gates if result.gate in gates], good, bad)
        for name, gates, good, bad in _HEADINGS
    )


def _pre_check(record: ChangeRecord, name: str, results: list[GateResult], good: str, bad: str) -> PreCheck:
    if not results:
        return PreCheck(name, NOT_RUN, passed=False, details=_why_not_run(record))
    passed = lets_through(results)
    summaries = [f"{r.gate}: {r.summary}" if len(results) > 1 else r.summary for r in results]
    return PreCheck(name, good if passed else bad, passed, "; ".join(summaries))


def _why_not_run(record: ChangeRecord) -> str:
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return "a rollback deploys a version that is there already"
    return "the gates were not reached" if not record.gates else "no gate answered for it"
