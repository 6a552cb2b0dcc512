"""The stages of a rollout: how much of the traffic the new version has, and what it takes to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL = 100.0
"""Percent."""


@dataclass(frozen=True, slots=True)
class RolloutRules:
    """How the traffic goes over to a new version. Shares are in percent."""

    strategy: str = "blue-green"
    """`blue-green`: all at once; `canary`: in steps."""
    steps: tuple[float, ...] = (5.0, 25.0, 50.0, 100.0)
    soak_seconds: float = 120.0
    pauses: tuple[float, ...] = ()
    """After these steps a person has to promote."""
    baseline_percent: float = 5.0
    baseline_seconds: float = 300.0
    """How long the version before keeps its share after the promotion."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Production is watched at this split until the stage is passed.

    The new version has `share_percent` of the traffic and then gets `next_share_percent`. It has to be seen
    for `soak_seconds`. With `pause` a person has to promote. `needs_proof`: it has to be shown that it is not
    much worse; else it is enough that nothing speaks against it.
    """

    share_percent: float
    next_share_percent: float
    soak_seconds: float
    pause: bool = False
    needs_proof: bool = True

    def as_json(self) -> dict[str, Any]:
        """For the plan in the journal."""
        return {
            "share_percent": self.share_percent,
            "next_share_percent": self.next_share_percent,
            "soak_seconds": self.soak_seconds,
            "pause": self.pause,
            "needs_proof": self.needs_proof,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Stage:
        """Read what `as_json` wrote."""
        return cls(**value)


def canary_stages(rules: RolloutRules) -> tuple[Stage, ...]:
    """The stages before all the traffic is switched; each share is larger than the one before.

    The last one leaves the baseline a share for a while, though the new version is promoted already: what
    shows late is then still compared, and found fast.
    """
    shares = [share for share in rules.steps if share < ALL]
    kept = ALL - rules.baseline_percent
    keeps_baseline = kept < ALL and kept > max(shares, default=0.0)
    following = [*shares[1:], kept if keeps_baseline else ALL]
    stages = [
        Stage(share, after, rules.soak_seconds, pause=share in rules.pauses)
        for share, after in zip(shares, following, strict=True)
    ]
    if keeps_baseline:
        stages.append(Stage(kept, ALL, rules.baseline_seconds, needs_proof=False))
    return tuple(stages)
