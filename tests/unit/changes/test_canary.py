"""Canary releases: in stages, each weighed against the version before, and back from any of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headgate.domain.change import Phase
from headgate.domain.journal import Draft, Event, verify
from headgate.domain.moves import Do
from headgate.domain.record import ChangeRecord, Outcome
from headgate.domain.report.reading import report_of
from headgate.domain.rollout.stages import RolloutRules
from headgate.engine.mover import Mover
from headgate.engine.watching.looking import rebuilt
from tests.unit.changes.stage import PRODUCTION, TARGET, Shop, open_shop
from tests.unit.engine.stage import ANN, Killed

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = RolloutRules("canary", soak_seconds=20, baseline_seconds=15)
STAGES = ("canary5", "canary25", "canary50", "canary95")
LOOKS_MAX = 400


def _opened(rules: RolloutRules = RULES) -> tuple[Shop, str]:
    """A shop with one good version; that version."""
    shop = open_shop(rules)
    assert shop.release().outcome is Outcome.DONE
    return shop, next(iter(shop.split()))


def _carry(
    shop: Shop, change_id: str, until: Callable[[ChangeRecord], bool] = lambda _: False
) -> ChangeRecord:
    """Carry a change to its end, or until it is as wanted."""
    mover = Mover(shop.works, change_id)
    for _ in range(LOOKS_MAX):
        if mover.move() is Do.STOP or until(shop.record(change_id)):
            return shop.record(change_id)
    raise AssertionError(f"no end: {shop.record(change_id).samples[-1]['why']}")


def _new(record: ChangeRecord) -> str:
    return str(record.facts["upload-production"]["version_id"])


def _ask(shop: Shop, change_id: str, event: Event) -> None:
    shop.journal.append(Draft(event, change_id, str(TARGET), str(ANN), {"why": "Ann says so"}))


def _at(stage: str) -> Callable[[ChangeRecord], bool]:
    return lambda record: (
        record.watch.get("stage") == f"{stage}-production" and len(record.watch_samples) == 1
    )


def test_a_healthy_canary_goes_through_all_stages() -> None:
    shop, old = _opened()
    record = _carry(shop, shop.propose())
    new = _new(record)
    assert record.outcome is Outcome.DONE
    assert list(record.passed) == [f"{stage}-production" for stage in STAGES]
    splits = [dict(deployment.split) for deployment in shop.platform.workers[PRODUCTION].deployments[1:]]
    assert splits == [
        {old: 100, new: 0},
        {new: 5, old: 95},
        {new: 25, old: 75},
        {new: 50, old: 50},
        {new: 95, old: 5},
        {new: 100, old: 0},
    ]
    assert record.rollback_ready
    assert "errors 1 :" in record.passed["canary50-production"]


def test_without_a_kept_baseline_the_version_alone_is_watched_at_the_end() -> None:
    shop, _ = _opened(RolloutRules("canary", steps=(10.0, 100.0), soak_seconds=5, baseline_percent=0))
    record = _carry(shop, shop.propose())
    assert record.outcome is Outcome.DONE
    assert list(record.passed) == ["canary10-production"]
    assert record.watch["stage"] == ""


@pytest.mark.parametrize("stage", STAGES)
def test_a_canary_that_fails_in_any_stage_goes_back_at_once(stage: str) -> None:
    shop, old = _opened()
    change_id = shop.propose()
    new = _new(_carry(shop, change_id, _at(stage)))
    shop.metrics.failing.add(new)
    record = _carry(shop, change_id)
    assert record.outcome is Outcome.ROLLED_BACK
    assert record.automatic
    assert dict(shop.split()) == {old: 100}
    assert record.verdict.startswith("rolled back after ")
    assert ", evidence " in record.verdict
    assert Event.VERSION_BAD in {entry.event for entry in shop.journal.of_change(change_id)}


@pytest.mark.parametrize("stage", STAGES)
def test_an_abort_in_any_stage_goes_back(stage: str) -> None:
    shop, old = _opened()
    change_id = shop.propose()
    _carry(shop, change_id, _at(stage))
    _ask(shop, change_id, Event.ABORT_REQUESTED)
    assert _carry(shop, change_id).outcome is Outcome.ROLLED_BACK
    assert dict(shop.split()) == {old: 100}


def test_a_pause_waits_for_a_person_and_asks_once() -> None:
    shop, _ = _opened(RolloutRules("canary", soak_seconds=5, pauses=(25.0,), baseline_seconds=5))
    change_id = shop.propose()
    record = _carry(shop, change_id, lambda record: len(record.watch_samples) > 20)
    assert record.watch["stage"] == "canary25-production"
    assert record.samples[-1]["answer"] == "promote"
    assert [notice.data["about"] for notice in shop.notices.sent[-2:]] == ["promotion", "promotion"]
    _ask(shop, change_id, Event.PROMOTE_REQUESTED)
    record = _carry(shop, change_id)
    assert record.outcome is Outcome.DONE
    assert record.passed["canary25-production"] == "promoted by person:ann: Ann says so"


def test_a_hold_keeps_it_where_it_is_until_somebody_promotes() -> None:
    shop, _ = _opened()
    change_id = shop.propose()
    _carry(shop, change_id, _at("canary5"))
    _ask(shop, change_id, Event.HOLD_REQUESTED)
    record = _carry(shop, change_id, lambda record: len(record.watch_samples) > 30)
    assert record.watch["stage"] == "canary5-production"
    _ask(shop, change_id, Event.PROMOTE_REQUESTED)
    assert _carry(shop, change_id).outcome is Outcome.DONE


def test_a_retry_weighs_the_stage_anew() -> None:
    shop, _ = _opened()
    change_id = shop.propose()
    _carry(shop, change_id, _at("canary25"))
    _ask(shop, change_id, Event.RETRY_REQUESTED)
    record = _carry(shop, change_id)
    assert record.outcome is Outcome.DONE
    watched = [watch["stage"] for watch, _, _ in record.watches()]
    assert watched == [f"{stage}-production" for stage in ("canary5", "canary25", *STAGES[1:])]


def test_an_outage_of_both_versions_pauses_and_does_not_go_back() -> None:
    shop, old = _opened()
    change_id = shop.propose()
    new = _new(_carry(shop, change_id, _at("canary25")))
    shop.metrics.failing |= {new, old}
    record = _carry(shop, change_id, lambda record: len(record.watch_samples) > 40)
    assert record.phase is Phase.RUNNING
    assert record.samples[-1]["answer"] == "pause"
    assert {notice.data["about"] for notice in shop.notices.sent if "about" in notice.data} == {"incident"}
    told = report_of(shop.journal.of_change(change_id)).issues
    assert any(line.startswith("A person was asked (incident): paused after") for line in told)
    assert dict(shop.split()) == {new: 25, old: 75}


def test_without_users_it_holds_probes_and_asks() -> None:
    shop, old = _opened()
    shop.metrics.each = 0
    change_id = shop.propose()
    record = _carry(shop, change_id, lambda record: len(record.watch_samples) > 150)
    new = _new(record)
    assert record.watch["stage"] == "canary5-production"
    assert {sample["answer"] for sample in record.samples[-100:]} == {"hold"}
    assert "no request of a user" in record.samples[-1]["why"]
    assert record.samples[-1]["probes"]["counts"] == {new: [10, 0], old: [10, 0]}
    assert record.asked == {"evidence"}
    shop.prober.broken.add(new)
    assert _carry(shop, change_id).outcome is Outcome.ROLLED_BACK


def test_a_source_that_cannot_be_read_holds_and_asks_and_goes_on_when_it_can() -> None:
    shop, _ = _opened()
    change_id = shop.propose()
    _carry(shop, change_id, _at("canary5"))
    shop.metrics.silent = True
    record = _carry(shop, change_id, lambda record: len(record.watch_samples) > 30)
    assert "could not be read" in record.samples[-1]["why"]
    assert record.asked == {"evidence"}
    shop.metrics.silent = False
    assert _carry(shop, change_id).outcome is Outcome.DONE


@pytest.mark.parametrize("stage", STAGES)
def test_somebody_elses_deployment_is_noticed_in_any_stage_and_left_alone(stage: str) -> None:
    shop, _ = _opened()
    change_id = shop.propose()
    _carry(shop, change_id, _at(stage))
    theirs = shop.platform.upload_version(
        PRODUCTION, shop.works.tools.artifacts.load("key"), message="", tag=""
    )
    shop.platform.deploy_behind_the_back(PRODUCTION, {theirs.id: 100.0})
    record = _carry(shop, change_id)
    assert record.outcome is Outcome.ROLLED_BACK
    assert "Somebody else changed the deployment" in record.verdict
    assert dict(shop.split()) == {theirs.id: 100.0}


def test_a_first_release_has_nothing_to_compare_with() -> None:
    shop = open_shop(RULES)
    record = shop.release()
    assert record.outcome is Outcome.DONE
    assert record.passed == {}


def test_the_judge_rebuilt_from_the_journal_says_the_same() -> None:
    shop, _ = _opened()
    change_id = shop.propose()
    record = _carry(shop, change_id, _at("canary50"))
    evidence = [one.as_json() for one in rebuilt(record).verdict().evidence]
    assert evidence == record.samples[-1]["evidence"]
    assert json.dumps(evidence)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fails", [False, True], ids=["healthy", "failing"])
def test_killed_at_any_write_a_canary_goes_on_and_ends_the_same(when: str, *, fails: bool) -> None:
    rules = RolloutRules("canary", steps=(10.0, 50.0, 100.0), soak_seconds=5, baseline_seconds=5)

    def begun() -> tuple[Shop, str, str, int]:
        shop, old = _opened(rules)
        if fails:
            shop.metrics.failing = _AllBut(old)
        return shop, old, shop.propose(), shop.journal.writes

    shop, _, change_id, first = begun()
    _carry(shop, change_id)
    for moment in range(first + 1, shop.journal.writes + 1):
        shop, old, change_id, _ = begun()
        setattr(shop.journal, f"dies_{when}", moment)
        with pytest.raises(Killed):
            _carry(shop, change_id)
        record = _carry(shop, change_id)
        assert record.outcome is (Outcome.ROLLED_BACK if fails else Outcome.DONE), f"killed {when} {moment}"
        assert shop.split().get(old) == (100 if fails else 0)
        assert verify(shop.journal.everything())


class _AllBut(set[str]):
    """Every version but one."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self._version = version

    def __contains__(self, version: object) -> bool:
        return version != self._version
