"""Looks, and how a watch stands, of canary releases that the engine carried."""

from __future__ import annotations

from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.looks.look import last_look, looks_of
from headgate.domain.looks.standing import soaked_seconds, standing
from headgate.domain.record import record_of
from headgate.domain.rollout.stages import RolloutRules
from tests.unit.looks.canary import bad, carried, entries_of, good, halfway
from tests.unit.report import stories


def test_looks_go_on_in_time_over_all_stages() -> None:
    _, record = good()
    looks = looks_of(record)
    assert [look.seconds for look in looks] == sorted(look.seconds for look in looks)
    assert list(dict.fromkeys(look.share_percent for look in looks)) == [5, 25, 50, 95]
    assert {look.answer for look in looks} == {"hold", "promote"}
    assert looks[-1] == last_look(record)


def test_a_look_has_the_figures_and_bands_of_both_versions() -> None:
    look = last_look(halfway()[1])
    assert look is not None
    for arm in (look.new, look.old):
        assert arm is not None
        for band, value in (
            (arm.error_band_percent, arm.error_rate_percent),
            (arm.latency_band_ms(95), arm.latency_ms(95)),
        ):
            assert band is not None
            assert value is not None
            assert band.low <= value <= band.high


def test_the_strongest_is_against_and_the_weakest_is_for() -> None:
    look = last_look(bad()[1])
    assert look is not None
    assert look.against is not None
    assert look.in_favour is not None
    assert (look.against.metric, look.against.is_enough) == ("errors", True)
    assert look.in_favour.metric == "errors"
    assert not look.in_favour.is_enough


def test_how_a_stage_stands() -> None:
    stands = standing(halfway()[1])
    assert stands is not None
    assert (stands.number, stands.count) == (2, 4)
    assert (stands.share_percent, stands.next_share_percent) == (25, 50)
    assert (stands.soaked_seconds, stands.soak_seconds) == (25, 60)
    assert stands.asked == {}


def test_who_is_asked_at_a_pause() -> None:
    rules = RolloutRules("canary", soak_seconds=5, pauses=(5.0,))
    _, record = carried(lambda record: "promotion" in record.asked, rules=rules)
    stands = standing(record)
    assert stands is not None
    assert stands.pause
    assert stands.asked["promotion"] == ("developer", "pm")


def test_nothing_stands_before_and_after_the_watches() -> None:
    shop, record = good()
    assert standing(record) is None
    assert standing(record_of(entries_of(shop, record)[:3])) is None


def test_time_without_requests_does_not_count_as_soaked() -> None:
    watch = {"old_version": "old", "share_percent": 5.0}
    sample = {"new": {"requests": 5}, "old": {"requests": 9}, "seconds": 10.0}
    assert soaked_seconds(watch, [sample, sample]) == 10
    assert soaked_seconds(watch, [{**sample, "old": None}]) == 0
    assert soaked_seconds({**watch, "share_percent": 100.0}, [{**sample, "old": None}]) == 10
    assert soaked_seconds(watch, [{**sample, "seconds": None}]) == 0


def test_an_older_journal_has_looks_without_evidence() -> None:
    record = record_of(stories.released().entries)
    assert [look.evidence for look in looks_of(record)] == [(), ()]
    assert standing(record) is None


def test_evidence_survives_the_journal() -> None:
    one = Evidence("errors", Side.ROLLBACK, 2.5, 4.6052, "errors 2 % against 1 %")
    assert Evidence.from_json(one.as_json()) == one
    assert one.limit_odds == "1 : 100"
    assert 0.5 < one.way < 0.6
