"""Workers analytics as a source: delay, late rows, coarser answers, and the past before a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from headgate.adapters.measurements import cloudflare_analytics, invocations
from headgate.adapters.measurements.cloudflare_analytics import CloudflareAnalytics
from headgate.domain.errors import HeadgateError, PlatformRefused
from headgate.domain.rollout.reading import history_of
from tests.fakes.fixed_clock import START, FixedClock
from tests.unit.measurements.test_invocations import row

if TYPE_CHECKING:
    from headgate.domain.rollout.reading import Reading

MINUTES = ["09:27", "09:28", "09:29", "09:30", "09:31"]


class Answers:
    """Stands in for GraphQL: answers with the rows it has been given."""

    account_id = "acc"

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.error: HeadgateError | None = None

    def ask(self, query: str) -> Any:  # noqa: ANN401 - JSON
        self.asked.append(query)
        if self.error:
            raise self.error
        return {"viewer": {"accounts": [{"workersInvocationsAdaptive": list(self.rows)}]}}


class Source:
    def __init__(self) -> None:
        self.answers, self.clock = Answers(), FixedClock()
        self.source = CloudflareAnalytics(self.answers, self.clock, delay_seconds=60)  # type: ignore[arg-type]
        self.mark = self.source.begin("shop", ("v1",))

    def read(self) -> Reading:
        return self.source.since("shop", self.mark)


@pytest.fixture(name="it")
def a_source() -> Source:
    return Source()


def at(minute: str, requests: int, interval: int = 1) -> dict[str, Any]:
    return row(requests=requests, interval=interval, at=f"2026-03-14T{minute}:00Z")


def test_until_the_first_minute_is_complete_nothing_is_known(it: Source) -> None:
    it.clock.advance(30)
    with pytest.raises(HeadgateError, match="60 s behind"):
        it.read()


def test_a_minute_that_is_not_over_or_still_within_its_delay_is_left_out(it: Source) -> None:
    it.clock.advance(180)  # 09:29:53, less the delay: 09:28 is under way
    it.answers.rows = [at("09:27", 5), at("09:28", 7)]

    reading = it.read()

    assert reading.as_of.strftime("%H:%M:%S") == "09:28:00"
    assert reading.counters["v1"].requests == 5


def test_rows_that_come_late_count_when_they_are_there(it: Source) -> None:
    it.clock.advance(300)
    it.answers.rows = [at("09:27", 5)]
    assert it.read().counters["v1"].requests == 5
    it.answers.rows = [at("09:27", 9), at("09:28", 1)]
    assert it.read().counters["v1"].requests == 10


def test_an_answer_that_is_sampled_more_coarsely_takes_nothing_back(it: Source) -> None:
    it.clock.advance(300)
    it.answers.rows = [at("09:27", 500)]
    it.read()
    it.answers.rows = [at("09:27", 500, 10)]
    assert it.read().counters["v1"].requests == 500


def test_what_is_old_is_not_asked_for_again(it: Source) -> None:
    it.answers.rows = [at("09:27", 5), at("09:50", 1)]
    it.clock.advance(3600)
    it.read()
    it.answers.asked.clear()
    it.read()
    assert 'datetime_geq: "2026-03-14T09:50:00Z"' in it.answers.asked[0]


def test_long_times_are_asked_for_by_the_hour(it: Source) -> None:
    it.answers.asked.clear()
    it.clock.advance(3 * 3600)
    it.read()
    assert len(it.answers.asked) == 3


def test_an_answer_that_is_full_is_asked_for_in_halves(it: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudflare_analytics, "ROWS_MAX", 2)
    it.answers.rows = [at("09:27", 5), at("09:28", 1)]
    it.clock.advance(900)
    with pytest.raises(HeadgateError, match="too many rows"):
        it.read()
    assert invocations.ROWS_MAX == 10_000


def test_the_mark_tells_of_the_half_hour_before_by_the_minute() -> None:
    answers, clock = Answers(), FixedClock()
    answers.rows = [at("09:20", 100), at("09:21", 120)]
    source = CloudflareAnalytics(answers, clock, delay_seconds=60)  # type: ignore[arg-type]

    history = history_of(source.begin("shop", ("v1", "")))

    assert [past.counters["v1"].requests for past in history] == [100, 120]
    assert {past.seconds for past in history} == {60.0}
    assert 'datetime_geq: "2026-03-14T08:56:00Z"' in answers.asked[0]


def test_a_mark_is_made_even_where_the_past_cannot_be_read() -> None:
    answers = Answers()
    answers.error = PlatformRefused("no")
    source = CloudflareAnalytics(answers, FixedClock())  # type: ignore[arg-type]

    assert history_of(source.begin("shop", ("v1",))) == ()


def test_a_mark_of_another_source_is_refused(it: Source) -> None:
    with pytest.raises(HeadgateError, match="'prometheus'"):
        it.source.since("shop", {"source": "prometheus", "at": START.isoformat(), "versions": []})


def test_it_is_asked_whether_it_answers(it: Source) -> None:
    it.answers.rows = [at("09:21", 3)]
    assert "3 requests" in it.source.check("shop")
