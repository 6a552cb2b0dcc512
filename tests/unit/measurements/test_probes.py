"""Headgate's own probes as the only source."""

from __future__ import annotations

import math

import pytest

from headgate.adapters.measurements.probes import ProbedVersions
from headgate.domain.errors import HeadgateError
from headgate.domain.settings import SmokeCheck
from headgate.domain.smoke import SmokeResult
from tests.fakes.fixed_clock import FixedClock


class Prober:
    """Every probe passes but those to `bad`."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        self.sent.append((check.name, version_id))
        return SmokeResult(check.name, version_id != "bad", "", 0.02)


def source_of(prober: Prober, *checks: SmokeCheck) -> ProbedVersions:
    return ProbedVersions(prober, checks, lambda script: f"https://{script}", FixedClock(), per_reading=4)


CHECKS = (SmokeCheck("home"), SmokeCheck("health", "/health"), SmokeCheck("own", command=("./smoke.sh",)))


def test_both_versions_get_the_same_requests_in_turns() -> None:
    prober = Prober()
    source = source_of(prober, *CHECKS)
    mark = source.begin("shop", ("good", "bad"))

    source.since("shop", mark)
    reading = source.since("shop", mark)

    good, bad = reading.counters["good"], reading.counters["bad"]
    assert (good.requests, good.errors, bad.requests, bad.errors) == (8, 0, 8, 8)
    assert good.buckets[15.0] == 0
    assert good.buckets[20.0] == good.buckets[math.inf] == 8
    assert prober.sent[:4] == [("home", "good"), ("home", "bad"), ("health", "good"), ("health", "bad")]
    assert "what users meet is not measured" in reading.notes[0]


def test_whoever_takes_a_change_up_counts_anew() -> None:
    mark = source_of(Prober(), *CHECKS).begin("shop", ("good", ""))
    other = source_of(Prober(), *CHECKS)

    first, second = other.since("shop", mark), other.since("shop", mark)

    assert first.epoch == second.epoch != mark["epoch"]
    assert [reading.counters["good"].requests for reading in (first, second)] == [4, 8]


def test_without_a_check_that_is_a_request_nothing_can_be_known() -> None:
    source = source_of(Prober(), CHECKS[2])
    with pytest.raises(HeadgateError, match="no HTTP smoke check"):
        source.since("shop", source.begin("shop", ("good",)))
