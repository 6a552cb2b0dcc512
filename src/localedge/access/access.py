"""Everything about access that an edge has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localedge.access.guard import Guard
    from localedge.access.limit import RateLimit
    from localedge.access.table import TokenTable


@dataclass(frozen=True, slots=True)
class Access:
    """Which tokens there are, who is let in, and how often."""

    tokens: TokenTable
    guard: Guard
    limit: RateLimit
