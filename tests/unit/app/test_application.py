"""What the application does around the engine: who may run, what is taken up, which change is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from headgate.app import Application
from headgate.domain.errors import ChangeBusy, NotFound, PlatformRefused, ProjectError
from headgate.domain.journal import Event
from headgate.domain.moves import Do
from headgate.domain.record import Outcome
from headgate.engine.mover import Mover
from tests.unit.app.parts import MemoryParts, SomebodyElse
from tests.unit.changes.stage import PRODUCTION
from tests.unit.engine.stage import ANN, KeptDocuments

if TYPE_CHECKING:
    from headgate.app.parts import Parts


def application(parts: MemoryParts) -> Application:
    """A process of its own: it knows nothing of what another one began."""
    return Application(cast("Parts", parts))


def propose(app: Application, environment: str = "") -> str:
    return app.release(
        environment=environment or "production", reason="because", author=ANN, progress=lambda _: None
    )


def release(parts: MemoryParts) -> str:
    """A whole release; the version that serves then."""
    app = application(parts)
    assert app.carry(propose(app)).outcome is Outcome.DONE
    app.close()
    return parts.shop.platform.workers[PRODUCTION].versions[-1].id


def interrupted(parts: MemoryParts, *, before: Do) -> str:
    """A release whose process was killed right before a move; its id."""
    app = application(parts)
    change_id = propose(app)
    Mover(parts.works, change_id).move_up_to(before)
    app.close()
    return change_id


def test_a_release_goes_through_staging() -> None:
    parts = MemoryParts()
    app = application(parts)
    record = app.carry(propose(app))
    assert record.outcome is Outcome.DONE
    assert next(iter(record.steps)) == "upload-staging"


def test_staging_alone_can_be_released() -> None:
    parts = MemoryParts()
    app = application(parts)
    assert app.carry(propose(app, "staging")).outcome is Outcome.DONE
    assert PRODUCTION not in parts.shop.platform.workers


def test_builds_that_differ_between_environments_are_refused() -> None:
    app = application(MemoryParts(sources={"staging": b"one", "production": b"other"}))
    with pytest.raises(ProjectError, match="differs between environments"):
        propose(app)


def test_an_unknown_environment_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound) as raised:
        propose(application(MemoryParts()), "prodution")
    assert "staging, production" in raised.value.remedy


def test_a_token_that_is_refused_is_told_before_anything_is_built_or_proposed() -> None:
    parts = MemoryParts()
    parts.shop.platform.fail_at(1, PlatformRefused("The token is not accepted."))
    with pytest.raises(PlatformRefused):
        propose(application(parts))
    assert parts.journal.open_changes() == ()


def test_while_another_process_runs_a_change_no_other_begins() -> None:
    parts = MemoryParts()
    parts.lock.taken_by = SomebodyElse()
    with pytest.raises(ChangeBusy, match="4711"):
        propose(application(parts))


def test_an_interrupted_change_is_known_and_taken_up_where_it_stands() -> None:
    parts = MemoryParts()
    change_id = interrupted(parts, before=Do.MARK_VERIFIED)
    app = application(parts)
    assert app.interrupted() == (change_id,)
    with pytest.raises(ChangeBusy, match="interrupted"):
        propose(app)
    record = app.carry(change_id)
    assert record.outcome is Outcome.DONE
    assert any("taken up again" in issue for issue in record.issues)
    assert app.interrupted() == ()


def test_a_rollback_returns_when_the_traffic_is_moved() -> None:
    parts = MemoryParts()
    first, _second = release(parts), release(parts)
    app = application(parts)
    change_id = app.rollback(environment="production", reason="slow", author=ANN)
    assert parts.shop.split() == {first: 100}
    assert app.record(change_id).outcome is None
    assert app.carry(change_id).outcome is Outcome.DONE


def test_a_rollback_during_somebody_elses_release_asks_that_one_to_go_back() -> None:
    parts = MemoryParts()
    change_id = interrupted(parts, before=Do.SAMPLE)
    parts.lock.taken_by = SomebodyElse()
    app = application(parts)
    assert app.rollback(environment="production", reason="slow", author=ANN) == change_id
    assert parts.journal.last("shop/production", Event.ABORT_REQUESTED) is not None


@pytest.mark.parametrize("before", [Do.START, Do.MARK_VERIFIED, Do.SAMPLE])
def test_a_rollback_over_an_interrupted_release_brings_the_traffic_back_at_once(before: Do) -> None:
    parts = MemoryParts()
    release(parts)
    release(parts)
    good = dict(parts.shop.split())
    change_id = interrupted(parts, before=before)
    app = application(parts)
    rolled_back = app.rollback(environment="production", reason="slow", author=ANN)
    assert rolled_back == change_id
    assert parts.shop.split() == good
    assert app.carry(rolled_back).outcome is not None
    assert app.interrupted() == ()


def test_a_version_that_is_named_is_reached_over_an_interrupted_release() -> None:
    parts = MemoryParts()
    first, _second = release(parts), release(parts)
    change_id = interrupted(parts, before=Do.SAMPLE)
    app = application(parts)
    app.carry(app.rollback(environment="production", reason="slow", author=ANN, version_id=first))
    assert app.interrupted() == (change_id,)
    app.carry(change_id)
    assert app.record(change_id).outcome is Outcome.ROLLED_BACK
    assert parts.shop.split() == {first: 100}


def test_what_cannot_be_written_down_does_not_hold_up_a_rollback() -> None:
    parts = MemoryParts()
    first, second = release(parts), release(parts)
    interrupted(parts, before=Do.DOCUMENT)
    app = application(parts)
    documents = parts.shop.works.documents
    assert isinstance(documents, KeptDocuments)
    documents.broken = True
    app.rollback(environment="production", reason="slow", author=ANN)
    assert parts.shop.split()[second] == 100
    assert first not in parts.shop.split()


def test_an_interrupted_rollback_is_finished() -> None:
    parts = MemoryParts()
    first, _second = release(parts), release(parts)
    app = application(parts)
    change_id = app.rollback(environment="production", reason="slow", author=ANN)
    app.close()
    again = application(parts)
    assert again.rollback(environment="production", reason="slow", author=ANN) == change_id
    assert again.carry(change_id).outcome is Outcome.DONE
    assert parts.shop.split() == {first: 100}


def test_a_change_that_has_ended_cannot_be_aborted() -> None:
    parts = MemoryParts()
    app = application(parts)
    change_id = propose(app)
    app.carry(change_id)
    with pytest.raises(NotFound, match="has ended"):
        app.abort(change_id, why="late", author=ANN)


def test_status_and_history_tell_what_serves_and_what_was_done() -> None:
    parts = MemoryParts()
    serving = release(parts)
    app = application(parts)
    production = app.status("production")[0]
    assert production.serving is not None
    assert production.serving.main_version == production.good_version == serving
    assert [record.outcome for record in app.history()] == [Outcome.DONE]
    assert app.report(app.newest(), "md").startswith("## 🚀 DEPLOYMENT REPORT")
    assert app.verify_journal() > 0
