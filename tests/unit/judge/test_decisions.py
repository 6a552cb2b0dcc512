"""From counts to an answer, with its words: the judges as the engine uses them."""

from __future__ import annotations

import pytest

from headgate.domain.judge import Answer, Judgement
from headgate.domain.judge.alone import AloneJudge
from headgate.domain.judge.compared import ComparedJudge
from headgate.domain.judge.counts import Arms
from headgate.domain.judge.interval import PROBES, USERS, Interval, Pair
from headgate.domain.judge.latency import edges_near
from headgate.domain.judge.rules import JudgeRules
from headgate.domain.judge.verdict import Conditions, judge
from headgate.domain.traffic import Counters

INFINITE = float("inf")


def counted(requests: int, errors: int = 0, slow: int = 0) -> Counters:
    """So many requests, of which `slow` took more than 100 ms."""
    fast = requests - slow
    return Counters(requests, 0, errors, {10.0: fast // 2, 100.0: fast, 1000.0: requests, INFINITE: requests})


def rollout(
    canary: Counters, baseline: Counters, *, minutes: int, rules: JudgeRules | None = None
) -> ComparedJudge:
    """A judge that saw half an hour of the baseline, then the same interval again and again."""
    made = ComparedJudge(rules or JudgeRules(), edges=(100.0,))
    whole = Counters(
        canary.requests + baseline.requests,
        0,
        10,
        {100.0: canary.requests + baseline.requests - 5, INFINITE: canary.requests + baseline.requests},
    )
    for place in range(180):
        made.remember(Interval(place * 10 - 1800, 10, {USERS: Pair(counted(0), whole)}))
    made.begin_stage(25)
    for place in range(minutes * 6):
        made.take(Interval(place * 10.0, 10, {USERS: Pair(canary, baseline)}))
    return made


def answer(of: ComparedJudge | AloneJudge, *, soaked: float = 300, blind: str = "") -> Judgement:
    both = isinstance(of, ComparedJudge) and of.breached_by_both
    return judge(of.evidence(), Conditions(soaked, 120, soaked, 3000, breached_by_both=both, blind=blind))


def test_a_healthy_canary_is_promoted() -> None:
    said = answer(rollout(counted(100, 1, 1), counted(900, 9, 9), minutes=10))
    assert said.answer is Answer.PROMOTE, said
    assert "after 300 s and 3,000 requests" in said.why


def test_more_errors_are_rolled_back_in_words() -> None:
    said = answer(rollout(counted(100, 5), counted(900, 9), minutes=5))
    assert said.answer is Answer.ROLLBACK
    assert "errors 5 % against 1 %" in said.why
    assert "evidence" in said.why


def test_slower_answers_are_rolled_back() -> None:
    said = answer(rollout(counted(100, 1, slow=20), counted(900, 9, slow=9), minutes=5))
    assert said.answer is Answer.ROLLBACK
    assert "slower than 100 ms 20 % against 1 %" in said.why


def test_without_data_it_holds() -> None:
    for said in (
        answer(rollout(counted(0), counted(1000, 10), minutes=10)),
        answer(rollout(counted(100, 1), counted(0), minutes=10)),
        answer(ComparedJudge(JudgeRules(), ())),
    ):
        assert said.answer is Answer.HOLD
        assert "no verdict yet" in said.why


def test_what_could_not_be_read_is_told_and_holds() -> None:
    healthy = rollout(counted(100, 1, 1), counted(900, 9, 9), minutes=10)
    said = answer(healthy, blind="the counters could not be read")
    assert (said.answer, said.why) == (Answer.HOLD, "no verdict yet: the counters could not be read")


def test_a_canary_has_to_soak() -> None:
    said = answer(rollout(counted(1000, 1, 1), counted(9000, 9, 9), minutes=10), soaked=30)
    assert said.answer is Answer.HOLD
    assert "30 of 120 s" in said.why


def test_an_outage_of_both_pauses() -> None:
    said = answer(rollout(counted(100, 40), counted(900, 360), minutes=5))
    assert said.answer is Answer.PAUSE
    assert "going back would not help" in said.why


def test_in_the_first_minute_only_a_total_failure_counts() -> None:
    bad = ComparedJudge(JudgeRules(), ())
    bad.take(Interval(0, 10, {USERS: Pair(counted(20, 10), counted(180))}))
    assert answer(bad).answer is Answer.HOLD
    dead = ComparedJudge(JudgeRules(), ())
    dead.take(Interval(0, 10, {USERS: Pair(counted(20, 20), counted(180))}))
    said = answer(dead)
    assert said.answer is Answer.ROLLBACK
    assert "20 of 20 requests failed in the first minute" in said.why


def test_probes_are_a_stratum_of_their_own() -> None:
    """Without users, two probes a second to each version find one that always fails, in 20 s of looking."""
    quiet = ComparedJudge(JudgeRules(), ())
    for place in range(6, 8):
        quiet.take(Interval(place * 10.0, 10, {PROBES: Pair(counted(20, 20), counted(20))}))
    quiet.take(Interval(80.0, 10, {PROBES: Pair(counted(20, 20), counted(20))}))
    assert answer(quiet).answer is Answer.ROLLBACK


def test_a_metric_of_the_users_own() -> None:
    rules = JudgeRules(custom=("lost checkouts",))
    made = ComparedJudge(rules, ())
    for place in range(60):
        fine = {USERS: Pair(counted(100), counted(900))}
        made.take(Interval(place * 10.0, 10, fine, {"lost checkouts": Arms(100, 40, 900, 90)}))
    said = answer(made)
    assert said.answer is Answer.ROLLBACK
    assert "lost checkouts 40 % against 10 %" in said.why


def test_alone_it_is_held_against_the_past() -> None:
    past = counted(10_000, 50, slow=100)
    for now, expected in (
        (counted(500, 3, 5), Answer.PROMOTE),
        (counted(500, 50, 5), Answer.ROLLBACK),
        (counted(500, 3, 200), Answer.ROLLBACK),
    ):
        made = AloneJudge(JudgeRules(), past, edges_near(past.buckets))
        for place in range(30):
            made.take(Interval(place * 10.0, 10, {USERS: Pair(now)}))
        assert answer(made).answer is expected


def test_a_first_release_is_held_against_the_objective() -> None:
    made = AloneJudge(JudgeRules(objective=0.02), None, ())
    for place in range(30):
        made.take(Interval(place * 10.0, 10, {USERS: Pair(counted(100, 10))}))
    said = answer(made)
    assert said.answer is Answer.ROLLBACK
    assert "errors 10 %, the limit is 2 %" in said.why


@pytest.mark.parametrize(
    ("buckets", "edges"),
    [({}, ()), ({INFINITE: 0}, ()), ({10.0: 50, 100.0: 99, INFINITE: 100}, (10.0, 100.0))],
)
def test_edges_are_taken_near_the_quantiles(buckets: dict[float, int], edges: tuple[float, ...]) -> None:
    assert edges_near(buckets) == edges


def test_hits_are_checked() -> None:
    for arms in ((1, 2, 0, 0), (1, -1, 0, 0), (0, 0, 1, 2)):
        with pytest.raises(ValueError, match="hits"):
            Arms(*arms)
