"""A change: what someone wants done to production, and the life it goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.actor import Actor
from headgate.domain.errors import HeadgateError
from headgate.domain.texts import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping


class ChangeKind(StrEnum):
    """The kinds of change; each has its module in `headgate.changes`."""

    WORKER_RELEASE = "worker_release"
    WORKER_ROLLBACK = "worker_rollback"


class Phase(StrEnum):
    """Where a change is in its life."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    GATED = "gated"
    APPROVED = "approved"
    RUNNING = "running"
    VERIFIED = "verified"
    WATCHED = "watched"
    DOCUMENTED = "documented"
    HANDED_OFF = "handed off"
    UNDOING = "undoing"
    ROLLED_BACK = "rolled back"
    REJECTED = "rejected"


BEFORE_RUNNING = frozenset({Phase.PROPOSED, Phase.PLANNED, Phase.GATED, Phase.APPROVED})
ENDED = frozenset({Phase.HANDED_OFF, Phase.ROLLED_BACK, Phase.REJECTED})

NEXT: Mapping[Phase, frozenset[Phase]] = {
    Phase.PROPOSED: frozenset({Phase.PLANNED, Phase.REJECTED}),
    Phase.PLANNED: frozenset({Phase.GATED, Phase.REJECTED}),
    Phase.GATED: frozenset({Phase.APPROVED, Phase.REJECTED}),
    Phase.APPROVED: frozenset({Phase.RUNNING, Phase.REJECTED}),
    Phase.RUNNING: frozenset({Phase.VERIFIED, Phase.UNDOING}),
    Phase.VERIFIED: frozenset({Phase.WATCHED, Phase.UNDOING}),
    Phase.WATCHED: frozenset({Phase.DOCUMENTED, Phase.UNDOING}),
    Phase.DOCUMENTED: frozenset({Phase.HANDED_OFF}),
    Phase.UNDOING: frozenset({Phase.ROLLED_BACK}),
    Phase.HANDED_OFF: frozenset(),
    Phase.ROLLED_BACK: frozenset(),
    Phase.REJECTED: frozenset(),
}
"""Which phase may follow which. There is no way to `verified` but from `running`."""


REASON_MAX = 2_000
"""Characters; what is longer is no reason but a document."""


@dataclass(frozen=True, slots=True)
class Target:
    """A service in an environment: what a change is done to. Written `service/environment`."""

    service: str
    environment: str

    def __str__(self) -> str:
        return f"{self.service}/{self.environment}"

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read `service/environment` back."""
        service, _, environment = text.partition("/")
        return cls(service, environment)


@dataclass(frozen=True, slots=True)
class Change:
    """What someone wants done. `arguments` holds JSON values only and depends on the kind."""

    id: str
    kind: ChangeKind
    target: Target
    author: Actor
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise HeadgateError(
                "A change needs a reason.",
                where=str(self.target),
                remedy="Give one with --reason; it is written into the journal and the report.",
            )
        for what, text in (("reason", self.reason), ("author", str(self.author))):
            self._refuse_unfit(what, text)

    def _refuse_unfit(self, what: str, text: str) -> None:
        """Journal, report and runbook are UTF-8, and every later command reads them."""
        if len(text) > REASON_MAX:
            raise HeadgateError(
                f"The {what} of a change has {len(text)} characters, and may have {REASON_MAX}.",
                where=str(self.target),
                remedy="Say it shorter.",
            )
        if encodable(text) != text:
            raise HeadgateError(
                f"The {what} of a change cannot be written as UTF-8.",
                where=str(self.target),
                remedy="Take out the characters that are none: halves of surrogate pairs.",
            )

    def as_json(self) -> dict[str, Any]:
        """The change as the journal keeps it."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "target": str(self.target),
            "author": str(self.author),
            "reason": self.reason,
            "arguments": dict(self.arguments),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Read a change back from the journal."""
        return cls(
            id=data["id"],
            kind=ChangeKind(data["kind"]),
            target=Target.parse(data["target"]),
            author=Actor.parse(data["author"]),
            reason=data["reason"],
            arguments=data["arguments"],
        )
