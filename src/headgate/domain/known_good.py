"""Which version is the last known good one: released, verified, watched, and not found bad since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Entry, Event

if TYPE_CHECKING:
    from collections.abc import Iterable

SAYING = (Event.VERSION_GOOD, Event.VERSION_ADOPTED, Event.VERSION_BAD)
"""The events that say something about a version."""


def last_known_good(entries: Iterable[Entry], *, other_than: str = "") -> str:
    """The newest good version that was not found bad after, and is not `other_than`; '' if there is none.

    `entries` are those about one target whose event is in SAYING, in any order.
    A version that was rolled back from counts as bad, so that rolling back again goes further back, and never
    to and fro between two versions.
    """
    seen: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry.seq, reverse=True):
        version_id = entry.data["version_id"]
        if version_id in seen:
            continue
        seen.add(version_id)
        if entry.event is not Event.VERSION_BAD and version_id != other_than:
            return str(version_id)
    return ""
