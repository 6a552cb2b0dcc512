"""The gate `rollback-plan`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headgate.domain.change import ChangeKind
from headgate.domain.gate import Verdict
from headgate.domain.journal import Event
from headgate.domain.plan import RollbackPlan, Trust, WayBack
from headgate.gates.rollback_plan import RollbackPlanGate
from tests.unit.gates.stage import LAST_VERSION, Stage, only

ROLLBACK = ChangeKind.WORKER_ROLLBACK
RELEASE = ChangeKind.WORKER_RELEASE
OTHER = "22222222-2222-4222-8222-222222222222"


def _to(version_id: str, trust: Trust) -> RollbackPlan:
    return RollbackPlan(WayBack.VERSION, version_id, trust, ("by hand",))


def test_a_verified_version_that_answers_passes(stage: Stage) -> None:
    result = stage.ask(RollbackPlanGate())

    assert (result.verdict, result.summary) == (Verdict.PASS, f"version {LAST_VERSION} is there and answers")
    assert result.facts == {"version_id": LAST_VERSION, "answers": True}


def test_it_is_called_by_the_version_override_at_its_own_address(stage: Stage) -> None:
    stage.ask(RollbackPlanGate())

    base_url = "http://shop-production.localhost:8080"
    assert stage.prober.calls == [("health", base_url, LAST_VERSION), ("page", base_url, LAST_VERSION)]


def test_a_first_release_says_what_going_back_means(stage: Stage) -> None:
    stage.rollback = RollbackPlan(WayBack.WITHDRAW, "", Trust.NONE, ("npx wrangler delete",))

    finding = only(stage.ask(RollbackPlanGate()))

    assert (finding.rule, finding.verdict) == ("first-release", Verdict.WARN)
    assert "takes the Worker away" in finding.what
    assert stage.account.asked == []


@pytest.mark.parametrize("kind", [RELEASE, ROLLBACK])
def test_a_version_that_is_gone_is_no_way_back(stage: Stage, kind: ChangeKind) -> None:
    stage.account.known_versions.clear()

    finding = only(stage.ask(RollbackPlanGate(), kind))

    assert (finding.rule, finding.verdict) == ("version-missing", Verdict.FAIL)
    assert "npx wrangler versions list --name shop-production" in finding.remedy


@pytest.mark.parametrize(
    ("trust", "last_word", "rule", "verdict"),
    [
        (Trust.VERIFIED, None, "version-not-verified", Verdict.FAIL),
        (Trust.VERIFIED, Event.VERSION_BAD, "version-found-bad", Verdict.FAIL),
        (Trust.ADOPTED, None, "version-adopted", Verdict.WARN),
        (Trust.ADOPTED, Event.VERSION_BAD, "version-found-bad", Verdict.FAIL),
        (Trust.NAMED, None, "version-named", Verdict.WARN),
        (Trust.NAMED, Event.VERSION_BAD, "version-found-bad", Verdict.WARN),
    ],
)
def test_the_plans_trust_is_held_against_the_journal(
    stage: Stage, trust: Trust, last_word: Event | None, rule: str, verdict: Verdict
) -> None:
    stage.account.known_versions.add(OTHER)
    stage.rollback, stage.split = _to(OTHER, trust), {LAST_VERSION: 100, OTHER: 0}
    if last_word:
        stage.say(Event.VERSION_GOOD, OTHER)
        stage.say(last_word, OTHER)

    finding = only(stage.ask(RollbackPlanGate()))

    assert (finding.rule, finding.verdict) == (rule, verdict)


@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.NAMED, Trust.ADOPTED])
def test_a_version_found_good_after_it_was_bad_is_trusted(stage: Stage, trust: Trust) -> None:
    stage.say(Event.VERSION_BAD, LAST_VERSION)
    stage.say(Event.VERSION_GOOD, LAST_VERSION)
    stage.rollback = _to(LAST_VERSION, trust)

    assert stage.ask(RollbackPlanGate()).verdict is Verdict.PASS


class TestRelease:
    """A release calls the version it could go back to."""

    def test_a_verified_version_that_no_longer_answers_rejects(self, stage: Stage) -> None:
        stage.prober.failing = {"health", "page"}

        result = stage.ask(RollbackPlanGate())

        finding = only(result)
        assert (finding.rule, finding.verdict) == ("version-silent", Verdict.FAIL)
        assert "it fails health (GET /health: 500), and 1 more." in finding.what
        assert result.facts == {"version_id": LAST_VERSION, "answers": False}

    def test_a_version_from_before_headgate_may_be_silent(self, stage: Stage) -> None:
        """Else nobody could release to a Worker that `wrangler secret put` made, or mend a broken one."""
        stage.prober.failing = {"health", "page"}
        stage.rollback = _to(LAST_VERSION, Trust.ADOPTED)

        finding = only(stage.ask(RollbackPlanGate()))

        assert (finding.rule, finding.verdict) == ("version-silent", Verdict.WARN)

    def test_a_check_newer_than_the_version_does_not_reject(self, stage: Stage) -> None:
        stage.prober.failing = {"page"}

        finding = only(stage.ask(RollbackPlanGate()))

        assert (finding.rule, finding.verdict) == ("version-fails-some-checks", Verdict.WARN)
        assert "fails page (GET /: 500)." in finding.what

    def test_a_version_outside_of_the_deployment_cannot_be_called(self, stage: Stage) -> None:
        stage.split = {OTHER: 100}

        result = stage.ask(RollbackPlanGate())

        assert (only(result).rule, result.verdict) == ("version-out-of-reach", Verdict.WARN)
        assert result.summary == f"version {LAST_VERSION} is there"
        assert stage.prober.calls == []

    def test_without_smoke_checks_nobody_knows_whether_it_answers(self, stage: Stage) -> None:
        stage.smoke = ()

        finding = only(stage.ask(RollbackPlanGate()))

        assert (finding.rule, finding.verdict) == ("no-smoke-checks", Verdict.FAIL)


class TestRollback:
    """A rollback smokes the version itself before the switch, so here it is not called."""

    def test_to_a_verified_version_asks_one_thing_of_the_platform(self, stage: Stage) -> None:
        stage.split = {OTHER: 100}

        result = stage.ask(RollbackPlanGate(), ROLLBACK)

        assert result.verdict is Verdict.PASS
        assert stage.account.asked == [f"version {LAST_VERSION}"]
        assert stage.prober.calls == []

    def test_to_what_serves_already_is_rejected(self, stage: Stage) -> None:
        finding = only(stage.ask(RollbackPlanGate(), ROLLBACK))

        assert (finding.rule, finding.verdict) == ("already-serving", Verdict.FAIL)

    def test_to_a_version_with_a_part_of_the_traffic_passes(self, stage: Stage) -> None:
        stage.split = {OTHER: 10, LAST_VERSION: 90}

        assert stage.ask(RollbackPlanGate(), ROLLBACK).verdict is Verdict.PASS


def test_the_gate_loads_nothing_that_is_slow() -> None:
    """A rollback has 0.1 s for all its imports."""
    slow = "asyncio concurrent.futures dbos defusedxml difflib jsonschema_rs logging pyjson5 rich uuid"
    program = (
        "import sys; import headgate.gates.rollback_plan, headgate.gates.run; "
        f"print(*set('{slow}'.split()) & set(sys.modules))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.strip() == ""
