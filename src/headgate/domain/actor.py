"""Who acts: every act in the journal has one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """What kind of actor it is; an agent may propose, never approve."""

    PERSON = "person"
    CI = "ci"
    AGENT = "agent"
    HEADGATE = "headgate"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a CI job or an agent, by name."""

    kind: ActorKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Actor:
        """Read `kind:name` back. Raises ValueError on an unknown kind."""
        kind, _, name = text.partition(":")
        return cls(ActorKind(kind), name)


HEADGATE = Actor(ActorKind.HEADGATE, "headgate")
"""Headgate itself: what it decides on its own, such as an automatic rollback."""
