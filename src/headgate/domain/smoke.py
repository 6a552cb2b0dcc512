"""What a smoke check answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """`what` says in one line what was asked and what came, e.g. `GET /health: 200 in 12 ms`."""

    name: str
    passed: bool
    what: str
    seconds: float
