"""From evidence to an answer: promote, hold, pause or roll back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.judge import ROLLED_BACK, Answer, Judgement
from headgate.domain.judge.evidence import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.domain.judge.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Conditions:
    """What besides the evidence decides.

    `soaked_seconds` of this stage were seen with data, `soak_seconds` are wanted; `requests` of the canary
    were counted over the whole rollout, in `elapsed_seconds`; `breached_by_both` says that the baseline
    misses the objective too; `blind` names what is not known, '' if all is; `compared` says that both
    versions have traffic, so that the new one is a canary.
    """

    soaked_seconds: float
    soak_seconds: float
    elapsed_seconds: float
    requests: int
    breached_by_both: bool = False
    blind: str = ""
    compared: bool = False


def judge(evidence: Sequence[Evidence], conditions: Conditions) -> Judgement:
    """The answer, with a sentence that holds its figures."""
    against = [one for one in evidence if one.side is Side.ROLLBACK and one.is_enough]
    if against:
        return _against(against, conditions)
    if conditions.blind:
        return Judgement(Answer.HOLD, f"no verdict yet: {conditions.blind}")
    missing = [one for one in evidence if one.side is Side.PROMOTE and not one.is_enough]
    if missing:
        return Judgement(Answer.HOLD, f"no verdict yet: {_missing(missing)}")
    if conditions.soaked_seconds < conditions.soak_seconds:
        seen = f"healthy for {conditions.soaked_seconds:.0f} of {conditions.soak_seconds:.0f} s"
        return Judgement(Answer.HOLD, seen)
    proofs = _proofs(evidence)
    return Judgement(Answer.PROMOTE, f"healthy {_after(conditions)}{': ' if proofs else ''}{proofs}")


def _against(against: Sequence[Evidence], conditions: Conditions) -> Judgement:
    # A comparison says more to people than a limit, where both speak.
    told = [one for one in against if one.metric != "objective"] or against
    strongest = max(told, key=lambda one: one.log_value - one.log_limit)
    why = f"{_after(conditions)}: {strongest.seen}, evidence {strongest.odds}"
    if conditions.breached_by_both and all(one.metric == "objective" for one in against):
        both = f"paused {why}; the version before misses the objective too, so going back would not help"
        return Judgement(Answer.PAUSE, both)
    return Judgement(Answer.ROLLBACK, f"{ROLLED_BACK}{why}")


def _after(conditions: Conditions) -> str:
    whose = "canary requests" if conditions.compared else "requests"
    return f"after {conditions.elapsed_seconds:.0f} s and {conditions.requests:,} {whose}"


def _missing(missing: Sequence[Evidence]) -> str:
    return ", ".join(f"{one.metric} {one.odds} of {one.limit_odds}" for one in missing)


def _proofs(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{one.metric} {one.odds}" for one in evidence if one.side is Side.PROMOTE)
