"""The plain threshold: what is unknown is never good."""

from __future__ import annotations

from headgate.domain.judge import Answer, Looked
from headgate.domain.judge.threshold import judge
from headgate.domain.settings import WatchRules
from headgate.domain.traffic import NOTHING_COUNTED, Counters

RULES = WatchRules(
    duration_seconds=60, min_requests=20, max_error_rate_increase_percent=1, give_up_seconds=120
)


def _counted(requests: int, errors: int = 0, *, slow: int = 0) -> Counters:
    buckets = {10.0: requests - slow, 1000.0: requests, float("inf"): requests}
    return Counters(requests, 0, errors, buckets)


def _seen(after: float) -> Looked:
    return Looked(elapsed_seconds=after, observed_seconds=after, blind_seconds=0)


def _answer(new: Counters | None, old: Counters | None = None, *, after: float = 60) -> Answer:
    looked = _seen(after) if new else Looked(elapsed_seconds=after, observed_seconds=0, blind_seconds=after)
    return judge(RULES, new=new, old=old, looked=looked).answer


def test_a_healthy_version_is_held_until_the_time_is_over_and_then_promoted() -> None:
    assert _answer(_counted(1000), after=30) is Answer.HOLD
    assert _answer(_counted(1000), after=60) is Answer.PROMOTE


def test_more_errors_than_before_roll_back_at_once() -> None:
    assert _answer(_counted(1000, 20), _counted(1000, 0), after=5) is Answer.ROLLBACK


def test_errors_that_were_there_before_are_allowed() -> None:
    assert _answer(_counted(1000, 25), _counted(1000, 20)) is Answer.PROMOTE


def test_being_as_bad_as_a_version_that_fails_all_the_time_is_not_good_enough() -> None:
    assert _answer(_counted(1000, 900), _counted(1000, 1000)) is Answer.ROLLBACK
    assert _answer(_counted(1000, slow=200), _counted(1000, 1000)) is Answer.PROMOTE


def test_much_slower_answers_roll_back() -> None:
    judgement = judge(RULES, new=_counted(1000, slow=200), old=_counted(1000), looked=_seen(60))
    assert judgement.answer is Answer.ROLLBACK
    assert "p95" in judgement.why


def test_latency_is_not_judged_without_a_baseline() -> None:
    assert _answer(_counted(1000, slow=200), None) is Answer.PROMOTE
    assert _answer(_counted(1000, slow=200), _counted(5)) is Answer.PROMOTE


def test_no_data_is_held_and_never_promoted() -> None:
    for unknown in (None, NOTHING_COUNTED, _counted(19)):
        assert _answer(unknown, after=60) is Answer.HOLD
        assert _answer(unknown, after=119) is Answer.HOLD


def test_no_data_for_too_long_rolls_back() -> None:
    assert _answer(None, after=120) is Answer.ROLLBACK
    blind = Looked(elapsed_seconds=120, observed_seconds=0, blind_seconds=120)
    assert "could not be read" in judge(RULES, new=None, old=None, looked=blind).why


def test_a_time_without_counters_was_not_watched() -> None:
    gap = Looked(elapsed_seconds=110, observed_seconds=10, blind_seconds=0)
    assert judge(RULES, new=_counted(1000), old=None, looked=gap).answer is Answer.HOLD
    later = Looked(elapsed_seconds=160, observed_seconds=60, blind_seconds=0)
    judgement = judge(RULES, new=_counted(1000), old=None, looked=later)
    assert judgement.answer is Answer.PROMOTE
    assert "100 s of 160 s not seen" in judgement.why


def test_one_reading_that_fails_late_in_a_long_watch_is_no_reason_to_go_back() -> None:
    late = Looked(elapsed_seconds=3000, observed_seconds=2995, blind_seconds=5)
    assert judge(RULES, new=None, old=None, looked=late).answer is Answer.HOLD
