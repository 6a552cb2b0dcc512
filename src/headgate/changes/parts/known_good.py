"""Asking the journal for the last known good version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Event
from headgate.domain.known_good import SAYING, last_known_good

if TYPE_CHECKING:
    from headgate.domain.change import Target
    from headgate.ports import Journal

LOOKED_AT = 50
"""How many of the newest entries of each kind are looked at: nobody goes further back than that."""


def known_good(journal: Journal, target: Target, *, other_than: str = "") -> str:
    """The last known good version of a target; '' if the journal knows none."""
    said = [entry for event in SAYING for entry in journal.recent(str(target), event, limit=LOOKED_AT)]
    return last_known_good(said, other_than=other_than)


def is_known_good(journal: Journal, target: Target, version_id: str) -> bool | None:
    """What the journal said last of a version: good, or bad; None if it never spoke of it."""
    said = [entry for event in SAYING for entry in journal.recent(str(target), event, limit=LOOKED_AT)]
    about = [entry for entry in said if entry.data["version_id"] == version_id]
    return max(about, key=lambda entry: entry.seq).event is not Event.VERSION_BAD if about else None
