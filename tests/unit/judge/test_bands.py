"""Bands: Wilson's interval as scipy has it, and what it does at the edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import binomtest

from headgate.domain.judge.bands import error_band_percent, latency_band_ms, rate_band
from headgate.domain.traffic import NOTHING_COUNTED, Counters


@given(some.integers(1, 10**6), some.floats(0, 1))
def test_a_rates_band_is_wilsons(requests: int, share: float) -> None:
    hits = round(share * requests)
    band = rate_band(hits, requests)
    theirs = binomtest(hits, requests).proportion_ci(method="wilson")
    assert band is not None
    assert math.isclose(band.low, theirs.low, abs_tol=1e-9)
    assert math.isclose(band.high, theirs.high, abs_tol=1e-9)
    assert 0 <= band.low <= hits / requests <= band.high <= 1


@pytest.mark.parametrize("hits", [0, 10**9 // 2, 10**9])
def test_a_billion_requests(hits: int) -> None:
    band = rate_band(hits, 10**9)
    assert band is not None
    assert 0 <= band.low <= band.high <= 1
    assert band.high - band.low < 1e-4


def test_nothing_is_known_of_nothing() -> None:
    assert rate_band(0, 0) is None
    assert error_band_percent(NOTHING_COUNTED) is None
    assert latency_band_ms(NOTHING_COUNTED, 0.95) is None


def test_no_error_in_few_requests_is_not_zero_for_sure() -> None:
    band = error_band_percent(Counters(10, 0, 0, {}))
    assert band is not None
    assert band.low == 0
    assert band.high == pytest.approx(27.75, abs=0.01)


@pytest.mark.parametrize("quantile", [0.5, 0.95, 0.99])
def test_the_band_of_a_latency_holds_it_and_narrows(quantile: float) -> None:
    widths = []
    for times in (1, 100):
        counted = Counters(
            100 * times, 0, 0, {10.0: 40 * times, 50.0: 90 * times, 200.0: 99 * times, math.inf: 100 * times}
        )
        band, latency = latency_band_ms(counted, quantile), counted.latency_ms(quantile)
        assert band is not None
        assert latency is not None
        assert band.low <= latency <= band.high
        widths.append(band.high - band.low)
    assert widths[1] < widths[0]
