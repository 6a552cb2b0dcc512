"""Recorded traffic: what is read, what is refused with the line, and what the judge says of it."""

from __future__ import annotations

import pytest

from headgate.domain.errors import ConfigError
from headgate.domain.judge.rules import JudgeRules
from headgate.domain.looks.recorded import COLUMNS, recorded
from headgate.domain.looks.rehearsing import Rehearsed, rehearsed

HEAD = ",".join(COLUMNS)


def table(*lines: str, head: str = HEAD) -> list[str]:
    return [head, *lines]


def history() -> list[str]:
    return [f"{second},0,0,6000,24" for second in range(0, 1800, 60)]


def judged(*lines: str, head: str = HEAD, soak: float = 30) -> Rehearsed:
    traffic = recorded(table(*lines, head=head), "r.csv")
    return rehearsed(traffic, JudgeRules(), next_share_percent=25, soak_seconds=soak)


def test_rows_before_the_canary_are_history_and_a_row_lasts_until_the_next() -> None:
    found = recorded(table("1000,0,0,50,1", "1060,5,0,50,1", "1070,5,1,50,0"), "r.csv")
    assert [(one.at_seconds, one.seconds) for one in found.history] == [(-60, 60)]
    assert [(one.at_seconds, one.seconds) for one in found.intervals] == [(0, 10), (10, 10)]
    assert found.intervals[1].canary.errors == 1


def test_a_single_row_and_columns_in_any_order() -> None:
    head = "canary_errors, canary_requests ,baseline_errors,baseline_requests,seconds"
    found = recorded(table("1,5,2,50,0", "", head=head), "r.csv")
    assert found.intervals[0].seconds == 10
    assert (found.intervals[0].canary.requests, found.intervals[0].canary.errors) == (5, 1)


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (["0,nan,0,1,0"], 2, "canary_requests is 'nan', which is not a number"),
        (["0,1,0,1,0", "10,inf,0,1,0"], 3, "canary_requests is 'inf', which is not a number"),
        (["0,1,0,1,0", "", "10,many,0,1,0"], 4, "canary_requests is 'many', which is not a number"),
        (["0,-1,0,1,0"], 2, "canary_requests is '-1', which is not a count"),
        (["0,1.5,0,1,0"], 2, "not a count"),
        (["0,1e300,0,1,0"], 2, "not a count"),
        (["0,,0,1,0"], 2, "canary_requests is ''"),
        (["0,1,2,1,0"], 2, "The canary has 2 errors in 1 requests"),
        (["0,1,0,1,2"], 2, "The baseline has 2 errors in 1 requests"),
        (["10,1,0,1,0", "5,1,0,1,0"], 3, "Time does not go on: 5 s comes after 10 s"),
        (["10,1,0,1,0", "10,1,0,1,0"], 3, "Time does not go on"),
        (["0,1,0,1"], 2, "There are 4 values for 5 columns"),
        (['0,"1,0,1,0'], 2, "This is no CSV"),
    ],
)
def test_bad_rows_are_refused_with_their_line(lines: list[str], line: int, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        recorded(table(*lines), "r.csv")
    assert told in refused.value.what
    assert refused.value.where == f"r.csv, line {line}"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("seconds,canary_requests", "These columns are missing: canary_errors, baseline_requests"),
        (HEAD.replace(",canary_errors", ""), "The column canary_errors is missing."),
        (f"{HEAD},seconds", "The column seconds is there twice."),
        (f"{HEAD},canary_le_fast", "names no edge"),
        (f"{HEAD},colour", "The column colour is not known."),
        ("", "missing"),
    ],
)
def test_bad_columns_are_refused(head: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        recorded([head, "0,1,0,1,0"], "r.csv")


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(ConfigError, match="There is no row"):
        recorded([HEAD], "r.csv")
    with pytest.raises(ConfigError, match="The canary has no request"):
        recorded(table("0,0,0,50,0"), "r.csv")


@pytest.mark.parametrize("row", ["0,10,0,10,0,5,4", "0,10,0,10,0,5,11"])
def test_a_histogram_that_goes_down_is_refused(row: str) -> None:
    with pytest.raises(ConfigError, match="histogram of the canary goes down"):
        recorded(table(row, head=f"{HEAD},canary_le_10,canary_le_100"), "r.csv")


def test_a_bad_canary_is_rolled_back_and_the_rest_not_looked_at() -> None:
    rows = [f"{second},100,5,900,4" for second in range(1800, 2400, 10)]
    found = judged(*history(), *rows)
    assert found.looks[-1].answer == "rollback"
    assert found.looks[-1].why.startswith("rolled back after ")
    assert found.left == len(rows) - len(found.looks) > 0
    assert found.past_requests == 180_000


def test_a_healthy_canary_is_promoted() -> None:
    rows = [f"{second},1000,4,9000,36" for second in range(1800, 2400, 10)]
    found = judged(*history(), *rows)
    assert found.looks[-1].answer == "promote"


def test_with_histograms_a_slow_canary_is_rolled_back() -> None:
    head = f"{HEAD},canary_le_50,canary_le_100,baseline_le_50,baseline_le_100"
    past = [f"{second},0,0,6000,24,0,0,5000,5900" for second in range(0, 1800, 60)]
    rows = [f"{second},100,0,900,4,40,60,750,885" for second in range(1800, 2400, 10)]
    found = judged(*past, *rows, head=head)
    assert found.timed
    assert found.looks[-1].answer == "rollback"
    assert "slower than" in found.looks[-1].why


def test_without_requests_it_holds() -> None:
    found = judged(*history(), "1800,1,0,1,0", *(f"{second},0,0,0,0" for second in range(1810, 2000, 10)))
    assert {look.answer for look in found.looks} == {"hold"}
    assert found.left == 0
