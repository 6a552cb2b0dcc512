"""Roles: who is told, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """Who hears of a change or takes over after it."""

    DEVELOPER = "developer"
    QA = "qa"
    SECURITY = "security"
    ARCHITECT = "architect"
    PM = "pm"
    DEBUGGER = "debugger"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a role: one line, the longer text (Markdown), and the same as data."""

    role: Role
    subject: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a notice arrived; `channel` is `webhook` or `terminal`, `what` says why not."""

    role: Role
    channel: str
    delivered: bool
    what: str = ""
