"""Gates: checks before a change. Each answers with findings; a gate without an answer fails closed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Verdict(StrEnum):
    """What a gate says. Only `pass` and `warn` let a change through."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


_SEVERITY = {Verdict.PASS: 0, Verdict.WARN: 1, Verdict.INCONCLUSIVE: 2, Verdict.FAIL: 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a gate found: `what`, `where` (file and line, binding, environment ...), and the `remedy`.

    `rule` is the finding's own short name within its gate, e.g. `results-missing`; the docs explain each.
    """

    rule: str
    verdict: Verdict
    what: str
    where: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate's answer. `summary` is one line for people, e.g. `214 tests passed, 2 skipped`."""

    gate: str
    summary: str
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] | None = None
    """What the gate measured and reports need, e.g. test counts. JSON values only."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings; `pass` where there are none."""
        return worst(finding.verdict for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The result as the journal keeps it."""
        return {
            "gate": self.gate,
            "verdict": self.verdict.value,
            "summary": self.summary,
            "findings": [asdict(finding) for finding in self.findings],
            "facts": dict(self.facts or {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GateResult:
        """Read a result back from the journal."""
        findings = tuple(Finding(**{**f, "verdict": Verdict(f["verdict"])}) for f in data["findings"])
        return cls(data["gate"], data["summary"], findings, data["facts"])


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `pass` for none."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.PASS)


def lets_through(results: Iterable[GateResult]) -> bool:
    """Whether a change may go on: at least one gate answered, and none failed or was inconclusive."""
    answered = list(results)
    return bool(answered) and all(result.verdict in (Verdict.PASS, Verdict.WARN) for result in answered)
