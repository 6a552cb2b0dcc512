"""Releasing a Worker, blue-green, on an account in memory."""

from __future__ import annotations

import pytest

from headgate.domain.journal import Event
from headgate.domain.record import Outcome
from tests.unit.changes.stage import PRODUCTION, STAGING, Shop, open_shop


def _twice_released() -> Shop:
    shop = open_shop()
    assert shop.release().outcome is Outcome.DONE
    assert shop.release().outcome is Outcome.DONE
    return shop


def _newest(shop: Shop, script: str) -> str:
    return shop.platform.workers[script].versions[-1].id


def test_a_first_release_makes_the_workers() -> None:
    shop = open_shop()
    record = shop.release()
    assert record.outcome is Outcome.DONE
    assert shop.split() == {_newest(shop, PRODUCTION): 100}
    assert not record.rollback_ready


def test_the_version_before_stays_in_reach() -> None:
    shop = open_shop()
    shop.release()
    first = _newest(shop, PRODUCTION)
    record = shop.release()
    assert shop.split() == {_newest(shop, PRODUCTION): 100, first: 0}
    assert record.rollback_ready


def test_staging_comes_before_production() -> None:
    shop = open_shop()
    shop.release()
    before = shop.split()
    seen: list[str] = []

    def look(step: str) -> None:
        seen.append(step)
        if step.endswith("staging"):
            assert shop.split() == before

    shop.release(look)
    assert seen.index("smoke-staging") < seen.index("upload-production")


def test_a_first_release_that_fails_is_taken_away_again() -> None:
    shop = open_shop()

    def break_it(step: str) -> None:
        if step == "smoke-production":
            shop.prober.broken.add(_newest(shop, PRODUCTION))

    record = shop.release(break_it)
    assert record.outcome is Outcome.ROLLED_BACK
    assert PRODUCTION not in shop.platform.workers
    assert STAGING not in shop.platform.workers


def test_a_version_that_fails_its_smoke_checks_never_serves_anyone() -> None:
    shop = _twice_released()
    before = dict(shop.split())
    main = max(before, key=lambda version_id: before[version_id])

    def break_it(step: str) -> None:
        assert shop.split().get(main) == 100
        if step == "smoke-production":
            shop.prober.broken.add(_newest(shop, PRODUCTION))

    assert shop.release(break_it).outcome is Outcome.ROLLED_BACK
    assert shop.split() == before


def test_a_version_that_fails_under_traffic_is_rolled_back() -> None:
    shop = _twice_released()
    before = dict(shop.split())

    def break_it(step: str) -> None:
        if step == "switch-production":
            shop.metrics.failing.add(_newest(shop, PRODUCTION))

    record = shop.release(break_it)
    assert record.outcome is Outcome.ROLLED_BACK
    assert shop.split() == before
    assert shop.split(STAGING) == {next(iter(shop.split(STAGING))): 100}


@pytest.mark.parametrize("step", ["reach-production", "switch-production"])
def test_what_somebody_else_deploys_stops_the_release_and_is_left_alone(step: str) -> None:
    shop = _twice_released()
    theirs = shop.platform.workers[PRODUCTION].versions[0].id

    def meddle(begun: str) -> None:
        if begun == step:
            shop.platform.deploy_behind_the_back(PRODUCTION, {theirs: 100})

    record = shop.release(meddle)
    assert record.outcome is Outcome.ROLLED_BACK
    assert "Somebody else changed the deployment: somebody@else" in record.verdict


def test_a_rollout_of_somebody_else_is_not_planned_over() -> None:
    shop = _twice_released()
    one, other = (version.id for version in shop.platform.workers[PRODUCTION].versions[:2])
    shop.platform.deploy_behind_the_back(PRODUCTION, {one: 90, other: 10})
    record = shop.release()
    assert record.outcome is Outcome.REJECTED
    assert "rollout is under way" in record.verdict


def test_whichever_call_finds_no_answer_production_ends_whole() -> None:
    reference = _twice_released()
    calls_before = len(reference.platform.calls)
    reference.release()
    for number in range(calls_before + 1, len(reference.platform.calls) + 1):
        shop = _twice_released()
        before = dict(shop.split())
        shop.platform.fail_at(number)
        record = shop.release()
        assert record.outcome is not None, f"call {number}"
        if record.outcome is Outcome.DONE:
            assert shop.split()[_newest(shop, PRODUCTION)] == 100
        else:
            assert shop.split() == before, f"call {number}: {shop.platform.calls[number - 1]}"


def test_whichever_answer_is_lost_production_ends_whole() -> None:
    reference = _twice_released()
    calls_before = len(reference.platform.calls)
    reference.release()
    for number in range(calls_before + 1, len(reference.platform.calls) + 1):
        shop = _twice_released()
        before = dict(shop.split())
        shop.platform.lose_reply_at(number)
        record = shop.release()
        assert record.outcome is not None
        assert record.outcome is Outcome.DONE or shop.split() == before, f"call {number}"


def test_a_failed_release_brings_back_what_somebody_deployed_past_headgate() -> None:
    shop = _twice_released()
    hotfix = shop.platform.upload_version(
        PRODUCTION, shop.works.tools.artifacts.load("key"), message="", tag=""
    ).id
    shop.platform.deploy_behind_the_back(PRODUCTION, {hotfix: 100})

    def break_it(step: str) -> None:
        if step == "switch-production":
            shop.metrics.failing.add(_newest(shop, PRODUCTION))

    assert shop.release(break_it).outcome is Outcome.ROLLED_BACK
    assert shop.split() == {hotfix: 100}


def test_what_does_not_answer_is_not_gone_back_to() -> None:
    shop = _twice_released()
    good = max(shop.split(), key=lambda version_id: shop.split()[version_id])
    broken = shop.platform.upload_version(
        PRODUCTION, shop.works.tools.artifacts.load("key"), message="", tag=""
    ).id
    shop.platform.deploy_behind_the_back(PRODUCTION, {broken: 100})
    shop.prober.broken.add(broken)

    def break_it(step: str) -> None:
        if step == "switch-production":
            shop.metrics.failing.add(_newest(shop, PRODUCTION))

    assert shop.release(break_it).outcome is Outcome.ROLLED_BACK
    assert shop.split() == {good: 100}


def test_staging_has_a_good_version_too() -> None:
    shop = _twice_released()
    good = shop.journal.last("shop/staging", Event.VERSION_GOOD)
    assert good is not None
    assert good.data["version_id"] == _newest(shop, STAGING)


def test_a_first_release_that_fails_leaves_what_somebody_else_deployed_meanwhile() -> None:
    shop = open_shop()
    theirs: list[str] = []

    def meddle(step: str) -> None:
        if step == "smoke-production":
            shop.prober.broken.add(_newest(shop, PRODUCTION))
            bundle = shop.works.tools.artifacts.load("key")
            theirs.append(shop.platform.upload_version(PRODUCTION, bundle, message="", tag="").id)
            shop.platform.deploy_behind_the_back(PRODUCTION, {theirs[0]: 100})

    assert shop.release(meddle).outcome is Outcome.ROLLED_BACK
    assert shop.split() == {theirs[0]: 100}
