"""Running the judge over traffic that was recorded: what would it have said, and when?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.judge import Answer
from headgate.domain.judge.compared import ComparedJudge
from headgate.domain.judge.latency import edges_near
from headgate.domain.judge.verdict import Conditions, judge
from headgate.domain.looks.arm import Arm
from headgate.domain.looks.look import Look
from headgate.domain.traffic import NOTHING_COUNTED, Counters, total

if TYPE_CHECKING:
    from headgate.domain.judge.rules import JudgeRules
    from headgate.domain.looks.recorded import Recorded

SETTLED = (Answer.PROMOTE, Answer.ROLLBACK)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The looks up to the one that settles it; `left` is how many intervals came after that."""

    looks: tuple[Look, ...]
    left: int
    past_requests: int
    timed: bool
    """Whether latency could be judged."""


def rehearsed(
    traffic: Recorded, rules: JudgeRules, *, next_share_percent: float, soak_seconds: float
) -> Rehearsed:
    """Judge one stage, after which the canary would get `next_share_percent` of the traffic."""
    past = total(one.strata["users"].baseline for one in traffic.history)
    edges = edges_near(past.buckets)
    judged = ComparedJudge(rules, edges)
    for interval in traffic.history:
        judged.remember(interval)
    judged.begin_stage(next_share_percent)
    canary, baseline, soaked = NOTHING_COUNTED, NOTHING_COUNTED, 0.0
    looks: list[Look] = []
    for interval in traffic.intervals:
        pair = interval.strata["users"]
        judged.take(interval)
        canary, baseline = _sum(canary, pair.canary), _sum(baseline, pair.baseline)
        soaked += interval.seconds if pair.canary.requests and pair.baseline.requests else 0.0
        ended = interval.at_seconds + interval.seconds
        evidence = judged.evidence()
        conditions = Conditions(
            soaked,
            soak_seconds,
            ended,
            canary.requests,
            breached_by_both=judged.breached_by_both,
            compared=True,
        )
        said = judge(evidence, conditions)
        new, old = Arm("", canary.as_json(), canary), Arm("", baseline.as_json(), baseline)
        share = 100 * pair.canary.requests / max(pair.canary.requests + pair.baseline.requests, 1)
        looks.append(Look(0, ended, "", round(share, 1), new, old, evidence, said.answer.value, said.why))
        if said.answer in SETTLED:
            break
    left = len(traffic.intervals) - len(looks)
    return Rehearsed(tuple(looks), left, past.requests, timed=bool(edges))


def _sum(one: Counters, other: Counters) -> Counters:
    return total((one, other)) if one.requests else other
