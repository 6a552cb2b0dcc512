"""One module a gate. A gate reads, answers with findings and their remedies, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from headgate.domain.change import Change
    from headgate.domain.gate import GateResult
    from headgate.domain.plan import Plan
    from headgate.ports import Tools


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What a gate looks at."""

    change: Change
    plan: Plan
    tools: Tools


class Gate(Protocol):
    """A check before a change."""

    name: str
    """Short, as in the configuration and the docs: `tests`, `rollback-plan`."""

    def check(self, request: GateRequest) -> GateResult:
        """Answer. An error raised here counts as a failed gate."""
