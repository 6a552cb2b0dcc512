"""The rules that are set: which fault a request meets, and how often each was met."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.faults.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.faults.rules import Asked, Fault, Rule


@dataclass(slots=True)
class Counted:
    """A rule, how many requests it was for, and how many met its fault. `told` is it as it was sent."""

    rule: Rule
    told: Mapping[str, Any]
    chance: random.Random
    seen: int = 0
    hit: int = 0

    def fires(self) -> bool:
        """Whether this request, which matches, meets the fault."""
        self.seen += 1
        if self.seen <= self.rule.after or (self.rule.times is not None and self.hit >= self.rule.times):
            return False
        # The same seed gives the same faults to the same requests.
        if self.chance.random() >= self.rule.probability:
            return False
        self.hit += 1
        return True


@dataclass(slots=True)
class Plan:
    """All rules, in the order in which they are tried. The first that fires is the one."""

    seed: int = 0
    rules: list[Counted] = field(default_factory=list)

    def set(self, seed: int, rules: Sequence[Rule], told: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules, and count anew. Each has a chance of its own, so that none disturbs another."""
        self.seed = seed
        # The chance is not for secrets: it has to be the same every time.
        chances = [random.Random(f"{seed} {place}") for place in range(len(rules))]  # noqa: S311
        self.rules = [Counted(*one) for one in zip(rules, told, chances, strict=True)]

    def draw(self, asked: Asked) -> Fault | None:
        """The fault that this request meets."""
        for counted in self.rules:
            rule = counted.rule
            if rule.fault.kind is not Kind.STALE and rule.match.fits(asked) and counted.fires():
                return rule.fault
        return None

    def stale(self) -> list[Counted]:
        """The rules about reads that lag."""
        return [counted for counted in self.rules if counted.rule.fault.kind is Kind.STALE]

    def show(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "rules": [{**dict(one.told), "seen": one.seen, "hit": one.hit} for one in self.rules],
        }
