"""Rolling back, on an account in memory."""

from __future__ import annotations

from headgate.domain.journal import Event
from headgate.domain.record import Outcome
from tests.unit.changes.stage import PRODUCTION, Shop, open_shop


def _released(times: int) -> tuple[Shop, list[str]]:
    """A shop after so many releases, and the versions that served in production."""
    shop, served = open_shop(), list[str]()
    for _ in range(times):
        assert shop.release().outcome is Outcome.DONE
        served.append(shop.platform.workers[PRODUCTION].versions[-1].id)
    return shop, served


def test_it_finds_the_last_known_good_version() -> None:
    shop, served = _released(2)
    assert shop.rollback().outcome is Outcome.DONE
    assert shop.split() == {served[0]: 100}


def test_it_never_uploads() -> None:
    shop, _ = _released(2)
    before = len(shop.platform.workers[PRODUCTION].versions)
    shop.rollback()
    assert len(shop.platform.workers[PRODUCTION].versions) == before


def test_repeated_rollbacks_go_further_back_and_then_say_that_there_is_nothing_more() -> None:
    shop, served = _released(3)
    assert shop.rollback().good_version == served[1]
    assert shop.rollback().good_version == served[0]
    record = shop.rollback()
    assert record.outcome is Outcome.REJECTED
    assert "knows no good version" in record.verdict
    assert shop.split() == {served[0]: 100}


def test_a_version_that_was_never_good_is_skipped() -> None:
    shop, served = _released(2)

    def break_it(step: str) -> None:
        if step == "switch-production":
            shop.metrics.failing.add(shop.platform.workers[PRODUCTION].versions[-1].id)

    assert shop.release(break_it).outcome is Outcome.ROLLED_BACK
    assert shop.rollback().good_version == served[0]


def test_a_named_version_is_brought_in_reach_and_called_before_it_serves() -> None:
    shop, served = _released(3)
    record = shop.rollback(served[0])
    assert record.outcome is Outcome.DONE
    assert list(record.steps) == ["reach-production", "smoke-production", "switch-production"]
    assert shop.split() == {served[0]: 100}


def test_a_version_in_reach_is_not_brought_there_again() -> None:
    shop, _ = _released(2)
    assert list(shop.rollback().steps) == ["smoke-production", "switch-production"]


def test_a_version_that_does_not_answer_is_not_given_any_traffic() -> None:
    shop, served = _released(2)
    before = dict(shop.split())
    shop.prober.broken.add(served[0])
    assert shop.rollback().outcome is Outcome.ROLLED_BACK
    assert shop.split() == before


def test_a_version_that_fails_too_is_kept_and_said() -> None:
    shop, served = _released(2)
    shop.metrics.failing.add(served[0])
    record = shop.rollback()
    assert record.outcome is Outcome.DONE
    assert shop.split() == {served[0]: 100}
    assert "errors 50 %, the limit is 5 %" in record.verdict
    assert "rolled back" not in record.verdict


def test_a_version_that_served_before_headgate_is_the_first_way_back() -> None:
    shop = open_shop()
    bundle = shop.works.tools.artifacts.load("key")
    theirs = shop.platform.create_worker(PRODUCTION, bundle, message="by wrangler", tag="")
    assert shop.release().outcome is Outcome.DONE
    assert shop.rollback().outcome is Outcome.DONE
    assert shop.split() == {theirs.id: 100}


def test_what_was_left_is_remembered_as_bad() -> None:
    shop, served = _released(2)
    shop.rollback()
    bad = shop.journal.last("shop/production", Event.VERSION_BAD)
    assert bad is not None
    assert bad.data["version_id"] == served[1]


def test_going_back_over_a_changed_secret_works() -> None:
    shop, served = _released(2)
    shop.platform.put_secret(PRODUCTION, "KEY", "new")
    assert shop.rollback(served[1]).outcome is Outcome.DONE
    assert shop.split() == {served[1]: 100}


def test_a_rollback_ends_though_nothing_can_be_counted() -> None:
    shop, served = _released(2)
    shop.metrics.silent = True
    record = shop.rollback()
    assert record.outcome is Outcome.DONE
    assert shop.split() == {served[0]: 100}
    assert record.verdict.startswith("no verdict yet: ")
