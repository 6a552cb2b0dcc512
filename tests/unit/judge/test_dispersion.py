"""phi: independent errors have 1, errors in clusters more, and nobody is trusted without a history."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from headgate.domain.judge import dispersion
from headgate.domain.judge.dispersion import WITHOUT_HISTORY, Dispersion


def after_half_an_hour(random: np.random.Generator, cluster: int, errors_a_minute: float) -> float:
    known = Dispersion()
    for _ in range(180):
        failures = int(random.poisson(errors_a_minute / 6 / cluster))
        known.take(1000, min(failures * cluster, 1000), 10)
    return known.phi


def test_without_a_history_the_evidence_weighs_a_third() -> None:
    known = Dispersion()
    assert known.phi == WITHOUT_HISTORY
    for _ in range(180):
        known.take(1000, 0, 10)
    assert known.phi == WITHOUT_HISTORY, "no errors show nothing about how errors vary"


def test_independent_errors_have_one() -> None:
    random = np.random.default_rng(3)
    found = [after_half_an_hour(random, 1, 30) for _ in range(300)]
    assert np.mean([phi == 1 for phi in found]) > 0.95


@pytest.mark.parametrize("cluster", [4, 10])
def test_clusters_are_seen_and_not_underestimated(cluster: int) -> None:
    random = np.random.default_rng(3)
    found = np.array([after_half_an_hour(random, cluster, 30) for _ in range(300)])
    assert np.mean(found >= cluster) > 0.95
    assert np.median(found) < 4 * cluster


@pytest.mark.parametrize("freedom", [5, 12, 29])
@pytest.mark.parametrize("normal", [-2.3263, 2.3263])
def test_the_quantile_is_that_of_chi_squared(freedom: int, normal: float) -> None:
    level = 0.01 if normal < 0 else 0.99
    approximate = dispersion._quantile(freedom, normal)
    assert approximate == pytest.approx(chi2.ppf(level, freedom), rel=0.03, abs=0.15)
