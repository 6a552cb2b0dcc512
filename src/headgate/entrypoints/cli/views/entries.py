"""`headgate journal show`: entries as they are in the journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headgate.entrypoints.cli.views.words import at

if TYPE_CHECKING:
    from headgate.domain.journal import Entry
    from headgate.entrypoints.cli.views.ink import Ink


def entry_lines(entry: Entry, *, ink: Ink) -> list[str]:
    """Number, time, event, actor and the beginning of the hash; then what it holds, each field in a line."""
    head = (
        f"{entry.seq:>6}  {at(entry.at)}  {ink.bold(entry.event)}  {entry.actor}  {ink.dim(entry.hash[:12])}"
    )
    return [head, *(f"{'':8}{key}: {_value(value)}" for key, value in entry.data.items())]


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
