"""Asking the journal for the last known good version."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
