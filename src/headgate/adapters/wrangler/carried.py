"""What a bundle cannot carry: parts of a Worker that wrangler uploads beside it, in calls of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_CARRIED = {
    "assets": "static assets",
    "site": "Workers Sites",
    "migrations": "Durable Object migrations",
    "containers": "containers",
    "workflows": "workflows",
}


def not_carried(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """What a configuration asks for and a release would leave out, in words. Fields of one environment."""
    return tuple(f"{words} (`{field}`)" for field, words in _NOT_CARRIED.items() if fields.get(field))
