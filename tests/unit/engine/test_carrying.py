"""The engine carries a change: well, through every failure, and through a kill at every moment."""

from __future__ import annotations

import pytest

from headgate.domain.change import Phase
from headgate.domain.errors import JournalError
from headgate.domain.gate import Verdict
from headgate.domain.journal import Draft, Event, verify
from headgate.domain.moves import UNDO_TRIES_MAX, Do
from headgate.domain.record import ChangeRecord, Outcome, StepState, record_of
from headgate.engine.mover import Mover
from tests.unit.engine.stage import ANN, STEPS, TARGET, Killed, Stage, set_stage


def _carry(stage: Stage, change_id: str = "c1") -> ChangeRecord:
    Mover(stage.works, change_id).move_up_to(Do.STOP)
    return record_of(stage.journal.of_change(change_id))


def _ask_to_abort(stage: Stage) -> None:
    stage.journal.append(Draft(Event.ABORT_REQUESTED, "c1", str(TARGET), str(ANN), {"why": "wrong day"}))


def test_a_change_goes_through_its_whole_life() -> None:
    stage = set_stage()
    record = _carry(stage, stage.propose())
    assert record.outcome is Outcome.DONE
    assert record.phase is Phase.HANDED_OFF
    assert stage.world.log == [f"do {name}" for name in STEPS]
    assert record.good_version == "new"
    assert record.rollback_ready
    assert [notice.role.value for notice in stage.notices.sent] == ["qa", "pm"]
    assert stage.documents.reports.keys() == {"c1"}
    assert verify(stage.journal.everything()) == len(stage.events())


def test_what_was_called_is_written_down_with_the_step() -> None:
    stage = set_stage()
    record = _carry(stage, stage.propose())
    assert record.steps["second"].calls == ["POST /second 200"]


def test_a_refused_change_does_nothing_and_tells_the_developer() -> None:
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        stage = set_stage()
        stage.gate.verdict = verdict
        record = _carry(stage, stage.propose())
        assert record.outcome is Outcome.REJECTED
        assert stage.world.log == []
        assert [notice.role.value for notice in stage.notices.sent] == ["developer"]
        assert "ask again" in stage.notices.sent[0].text
        assert stage.documents.reports


def test_a_warning_lets_a_change_through() -> None:
    stage = set_stage()
    stage.gate.verdict = Verdict.WARN
    assert _carry(stage, stage.propose()).outcome is Outcome.DONE


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("where", ["act", "verify"])
def test_whichever_step_fails_all_that_was_done_is_undone_in_reverse(name: str, where: str) -> None:
    stage = set_stage()
    (stage.world.failing_acts if where == "act" else stage.world.failing_verifications).add(name)
    record = _carry(stage, stage.propose())
    begun = STEPS[: STEPS.index(name) + 1]
    assert record.outcome is Outcome.ROLLED_BACK
    assert record.automatic
    assert stage.world.log == [*(f"do {n}" for n in begun), *(f"undo {n}" for n in reversed(begun))]
    assert not any(stage.world.done.values())
    assert Event.CHANGE_VERIFIED not in stage.events()
    assert Event.VERSION_GOOD not in stage.events()
    assert stage.documents.reports


def test_errors_under_traffic_roll_back() -> None:
    stage = set_stage()
    stage.metrics.errors_of_thousand = 100
    record = _carry(stage, stage.propose())
    assert record.outcome is Outcome.ROLLED_BACK
    assert "errors 10 %, the limit is 1 %" in record.verdict
    assert not any(stage.world.done.values())
    assert Event.VERSION_BAD in stage.events()


def test_counters_that_cannot_be_read_never_promote_and_a_person_is_asked_once() -> None:
    stage = set_stage()
    stage.metrics.errors_of_thousand = None
    mover = Mover(stage.works, stage.propose())
    while len(stage.journal.recent("", Event.WATCH_SAMPLED, limit=100)) < 60:
        mover.move()
    record = record_of(stage.journal.of_change("c1"))
    assert record.phase is Phase.VERIFIED
    assert {sample["answer"] for sample in record.samples} == {"hold"}
    assert "no counters" in record.samples[-1]["why"]
    assert stage.events().count(Event.PERSON_ASKED) == 1
    assert [notice.role.value for notice in stage.notices.sent] == ["developer"]
    assert "headgate promote c1" in stage.notices.sent[0].text
    stage.metrics.errors_of_thousand = 0
    assert _carry(stage).outcome is Outcome.DONE


def test_a_deployment_of_somebody_else_during_the_watch_ends_it_without_a_good_version() -> None:
    stage = set_stage()
    stage.serving.version_id = "theirs"
    record = _carry(stage, stage.propose())
    assert record.outcome is Outcome.ROLLED_BACK
    assert "Somebody else changed the deployment: somebody@else" in record.verdict
    assert Event.VERSION_GOOD not in stage.events()


def test_nothing_is_promoted_while_nobody_knows_what_serves() -> None:
    stage = set_stage()
    stage.serving.silent_for = 6
    record = _carry(stage, stage.propose())
    assert record.outcome is Outcome.DONE
    assert [sample["answer"] for sample in record.samples] == ["hold"] * 6 + ["promote"]
    assert "could not be asked" in record.samples[-2]["why"]


def test_a_change_that_moved_no_traffic_is_not_watched() -> None:
    stage = set_stage(watched=False)
    assert _carry(stage, stage.propose()).outcome is Outcome.DONE
    assert Event.WATCH_SAMPLED not in stage.events()


def test_an_abort_before_it_runs_refuses_the_change() -> None:
    stage = set_stage()
    stage.propose()
    _ask_to_abort(stage)
    record = _carry(stage)
    assert record.outcome is Outcome.REJECTED
    assert "wrong day" in record.verdict
    assert stage.world.log == []


def test_an_abort_while_it_runs_undoes_what_was_done() -> None:
    stage = set_stage()
    stage.propose()
    mover = Mover(stage.works, "c1")
    while "do second" not in stage.world.log:
        mover.move()
    _ask_to_abort(stage)
    record = _carry(stage)
    assert record.outcome is Outcome.ROLLED_BACK
    assert not record.automatic
    assert stage.world.log[-2:] == ["undo second", "undo first"]


def test_an_abort_ends_the_wait_of_a_watch() -> None:
    stage = set_stage()
    stage.propose()
    Mover(stage.works, "c1").move_up_to(Do.SAMPLE)
    _ask_to_abort(stage)
    record = _carry(stage)
    assert record.outcome is Outcome.ROLLED_BACK
    assert record.samples == []


def test_undoing_is_tried_again_with_growing_pauses() -> None:
    stage = set_stage()
    stage.world.failing_acts.add("third")
    stage.world.failing_undos["second"] = UNDO_TRIES_MAX - 1
    assert _carry(stage, stage.propose()).outcome is Outcome.ROLLED_BACK
    assert stage.clock.slept == [1.0, 2.0, 4.0, 8.0]
    assert not any(stage.world.done.values())


def test_undoing_that_never_works_stops_and_goes_on_when_it_is_taken_up() -> None:
    stage = set_stage()
    stage.world.failing_acts.add("third")
    stage.world.failing_undos["second"] = UNDO_TRIES_MAX
    record = _carry(stage, stage.propose())
    assert record.outcome is None
    assert record.steps["second"].state is not StepState.UNDONE
    stage.works.write(record, (Event.CHANGE_RESUMED, {}))
    assert _carry(stage).outcome is Outcome.ROLLED_BACK


def _writes_of_a_whole_life(stage: Stage) -> int:
    _carry(stage, stage.propose())
    return stage.journal.writes


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("errors", [0, 100], ids=["healthy", "failing"])
def test_killed_at_any_moment_it_goes_on_and_ends_the_same(when: str, errors: int) -> None:
    expected = Outcome.DONE if errors == 0 else Outcome.ROLLED_BACK
    whole = set_stage()
    whole.metrics.errors_of_thousand = errors
    for moment in range(2, _writes_of_a_whole_life(whole) + 1):
        stage = set_stage()
        stage.metrics.errors_of_thousand = errors
        stage.propose()
        setattr(stage.journal, f"dies_{when}", moment)
        with pytest.raises(Killed):
            _carry(stage)
        record = _carry(stage)
        assert record.outcome is expected, f"killed {when} write {moment}"
        assert all(stage.world.done.values()) == (expected is Outcome.DONE)
        assert verify(stage.journal.everything()) > 0


def test_a_full_disk_stops_the_change_and_it_goes_on_when_there_is_room() -> None:
    stage = set_stage()
    stage.propose()
    mover = Mover(stage.works, "c1")
    while "do first" not in stage.world.log:
        mover.move()
    stage.journal.full = True
    with pytest.raises(JournalError):
        mover.move_up_to(Do.STOP)
    assert stage.world.log == ["do first"]
    stage.journal.full = False
    assert _carry(stage).outcome is Outcome.DONE
