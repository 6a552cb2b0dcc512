"""What a fault is, and which requests it is for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from localedge.faults.paths import PathPattern

ROOT_TOKEN = "root"


class Kind(StrEnum):
    """What happens to the request."""

    LATE = "late"
    STATUS = "status"
    HANG = "hang"
    DROP = "drop"
    GARBAGE = "garbage"
    TRUNCATED = "truncated"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `applied`: the request is carried out all the same, and only its answer is another."""

    kind: Kind
    applied: bool = False
    delay_ms: float = 0
    slow_body_ms: float = 0
    stale_ms: float = 0
    status: int = 200
    retry_after_seconds: int | None = None
    html: bool = False
    code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as rules see it: the path begins after the account, or after `/client/v4`.

    `tokens` are the id and the name of the token, or `root`.
    """

    method: str
    path: str
    query: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests; what is left out is not looked at."""

    methods: tuple[str, ...] = ()
    pattern: PathPattern | None = None
    regex: re.Pattern[str] | None = None
    token: str = ""

    def fits(self, asked: Asked) -> bool:
        return (
            (not self.methods or asked.method in self.methods)
            and (self.pattern is None or self.pattern.fits(asked.path))
            and (self.regex is None or self.regex.search(asked.path) is not None)
            and (not self.token or self.token in asked.tokens)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault for the requests that match: not the first `after`, then at most `times`, by chance."""

    match: Match
    fault: Fault
    times: int | None = None
    after: int = 0
    probability: float = 1.0
