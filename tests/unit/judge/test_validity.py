"""What the tests of the judge promise: under the null hypothesis the factor has expectation at most 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from headgate.domain.judge.counts import RATE_MAX, Arms, Pasts
from headgate.domain.judge.likelihood import Rates, border, border_with_offset, log_ratio
from headgate.domain.judge.promote import AS_GOOD, MARGINS
from headgate.domain.judge.rollback import ERRORS, LATENCY, RollbackRules, RollbackTest

SMALL = st.integers(1, 7)
RATE = st.floats(1e-6, 0.98)
ROUNDING = 1e-9


def chance(hits: int, requests: int, rate: float) -> float:
    """The binomial probability of so many hits."""
    return math.comb(requests, hits) * rate**hits * (1 - rate) ** (requests - hits)


def expected_factor(requests: tuple[int, int], alternative: Rates, null: Rates, truth: Rates) -> float:
    """E[exp L] when the versions' true rates are `truth`, by enumerating every outcome."""
    canary, baseline = requests
    return sum(
        chance(mine, canary, truth.canary)
        * chance(other, baseline, truth.baseline)
        * math.exp(log_ratio(Arms(canary, mine, baseline, other), alternative, null))
        for mine in range(canary + 1)
        for other in range(baseline + 1)
    )


@given(
    canary=SMALL,
    baseline=SMALL,
    past=RATE,
    worse=st.sampled_from([0, 1, 3, 5, 6, 8]),
    truth=RATE,
    share=st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
def test_no_truth_in_the_null_gains_against_it(
    canary: int, baseline: int, past: float, worse: int, truth: float, share: float
) -> None:
    """For a rollback: wherever the true rates lie with `pc <= 1.1 pb`, the bet gains nothing on average."""
    alternative = Rates(_alternatives(past)[worse], past)
    assume(alternative.canary > 1.02 * ERRORS.ratio * past)
    null = border(Arms(canary, 0, baseline, 0), alternative, ERRORS.ratio)
    assert 0 < null.canary < 1
    assert null.canary == pytest.approx(ERRORS.ratio * null.baseline)
    healthy = Rates(min(share * ERRORS.ratio * truth, 1.0), truth)
    for rates in (healthy, null):
        assert expected_factor((canary, baseline), alternative, null, rates) <= 1 + ROUNDING


@given(
    canary=SMALL,
    baseline=SMALL,
    past=RATE,
    good=st.sampled_from(AS_GOOD),
    margin=st.sampled_from(MARGINS),
    truth=RATE,
    more=st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
def test_no_bad_canary_gains_a_promotion(
    canary: int,
    baseline: int,
    past: float,
    good: float,
    margin: tuple[float, float],
    truth: float,
    more: float,
) -> None:
    """For a promotion: wherever the true rates lie with `pc >= 1.5 pb + d`, the bet gains nothing."""
    offset = margin[1]
    alternative = Rates(min(good * past, RATE_MAX), past)
    worst = 1.5 * truth + offset
    assume(worst <= 1 and alternative.canary < 1.5 * past + offset)
    null = border_with_offset(Arms(canary, 0, baseline, 0), alternative, 1.5, offset)
    bad = Rates(worst + more * (1 - worst), truth)
    for rates in (bad, null):
        assert expected_factor((canary, baseline), alternative, null, rates) <= 1 + ROUNDING


@pytest.mark.parametrize("rules", [ERRORS, LATENCY, RollbackRules(ratio=1.5, alpha=0.05)])
@pytest.mark.parametrize("rate", [0.002, 0.05, 0.4])
def test_looking_again_and_again_keeps_false_rollbacks_rare(rules: RollbackRules, rate: float) -> None:
    """200 healthy rollouts, looked at 60 times each: no more false rollbacks than alpha allows."""
    random = np.random.default_rng(7)
    fired = sum(_rolls_back(random, rules, rate, rate) for _ in range(200))
    assert fired <= binom.ppf(1 - 1e-6, 200, rules.alpha)


def test_a_regression_is_found() -> None:
    random = np.random.default_rng(7)
    assert sum(_rolls_back(random, ERRORS, 0.005, 0.025) for _ in range(50)) == 50


@given(
    requests=st.sampled_from([1, 100, 10**9]),
    past=st.sampled_from([1e-6, 0.005, 0.5, 0.98]),
    share=st.floats(0.001, 0.999),
    hits=st.floats(0, 1),
    other=st.floats(0, 1),
)
@settings(max_examples=200, deadline=None)
def test_the_arithmetic_holds_at_the_ends(
    requests: int, past: float, share: float, hits: float, other: float
) -> None:
    """No overflow and no NaN, from one request to 10^9, from no errors to nothing but errors."""
    canary = int(requests * share)
    arms = Arms(canary, int(canary * hits), requests - canary, int((requests - canary) * other))
    test, pasts = RollbackTest(), Pasts()
    pasts.take({"": Arms(0, 0, 10**6, int(10**6 * past))}, 10)
    for place in range(3):
        test.take(place * 60.0, {"": arms}, pasts)
        assert math.isfinite(test.log_evidence)


def test_one_interval_never_decides() -> None:
    test, pasts = RollbackTest(), Pasts()
    test.take(0, {"": Arms(10**6, 10**6, 10**6, 0)}, pasts)
    assert not test.fires
    test.take(10, {"": Arms(10**6, 10**6, 10**6, 0)}, pasts)
    assert test.fires


def test_strata_multiply() -> None:
    """Two strata that each know a little know more together."""
    pasts, one, both = Pasts(), RollbackTest(), RollbackTest()
    arms = Arms(20, 8, 20, 0)
    one.take(0, {"users": arms}, pasts)
    both.take(0, {"users": arms, "probes": arms}, pasts)
    assert both.log_evidence > one.log_evidence > 0


def test_without_a_baseline_or_a_canary_there_is_no_evidence() -> None:
    for arms in (Arms(100, 100, 0, 0), Arms(0, 0, 100, 50), Arms(0, 0, 0, 0)):
        test = RollbackTest()
        test.take(0, {"": arms}, Pasts())
        assert test.log_evidence == pytest.approx(0)


def _rolls_back(random: np.random.Generator, rules: RollbackRules, baseline: float, canary: float) -> bool:
    test, pasts = RollbackTest(rules), Pasts()
    for place in range(60):
        hits = Arms(100, int(random.binomial(100, canary)), 900, int(random.binomial(900, baseline)))
        test.take(place * 10.0, {"": hits}, pasts)
        pasts.take({"": hits}, 10)
        if test.fires:
            return True
    return False


def _alternatives(past: float) -> tuple[float, ...]:
    odds = min(ERRORS.ratio * past, 0.999) / (1 - min(ERRORS.ratio * past, 0.999))
    return (*(ratio * odds / (1 + ratio * odds) for ratio in ERRORS.odds_ratios), *ERRORS.rates)
