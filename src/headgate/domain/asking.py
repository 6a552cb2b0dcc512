"""What a person is asked while a rollout waits: the notice, with what can be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.moves import EVIDENCE, INCIDENT, PROMOTION
from headgate.domain.role import Notice, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord

_SUBJECTS: Mapping[str, str] = {
    PROMOTION: "{target} waits for a person to promote it",
    INCIDENT: "{target} has an incident: both versions fail",
    EVIDENCE: "{target} waits: there is too little evidence",
}
_WHAT_IT_MEANS: Mapping[str, str] = {
    PROMOTION: "Nothing speaks against going on.",
    INCIDENT: "Going back would not help, so the rollout was paused. Look for what both versions depend on.",
    EVIDENCE: "It goes on holding, and promotes nothing that was not seen to work.",
}
_ROLES: Mapping[str, tuple[Role, ...]] = {
    PROMOTION: (Role.DEVELOPER, Role.PM),
    INCIDENT: (Role.DEVELOPER, Role.DEBUGGER),
    EVIDENCE: (Role.DEVELOPER,),
}


def questions(record: ChangeRecord, about: str, why: str) -> tuple[Notice, ...]:
    """One notice for each role that can answer."""
    change = record.change
    commands = f"`headgate promote {change.id}` goes on, `headgate abort {change.id}` goes back"
    again = f", `headgate retry {change.id}` weighs this stage anew."
    text = f"{why}\n{_WHAT_IT_MEANS[about]}\n{commands}{again}"
    subject = _SUBJECTS[about].format(target=change.target)
    data = {"change": change.id, "about": about, "why": why, "stage": record.watch.get("stage", "")}
    return tuple(Notice(role, subject, text, data) for role in _ROLES[about])
