"""How far behind and how coarse the answers are, so that clients can be tried on what the platform does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localedge.state.facts import FactTable

DELAY_SECONDS_MAX = 3600
SAMPLE_INTERVAL_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Options:
    """Rows younger than the delay are not told; of `sample_interval` invocations, one on average counts."""

    delay_seconds: int = 0
    sample_interval: int = 1


class OptionStore:
    """The options, which outlive the edge."""

    def __init__(self, facts: FactTable) -> None:
        self._facts = facts

    def get(self) -> Options:
        return Options(
            int(self._facts.get("analytics_delay_seconds") or 0),
            int(self._facts.get("analytics_sample_interval") or 1),
        )

    def put(self, options: Options) -> None:
        self._facts.put("analytics_delay_seconds", str(options.delay_seconds))
        self._facts.put("analytics_sample_interval", str(options.sample_interval))
