"""The end of a watch: the stage is passed, or the version is good, and the way back is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.changes.parts.smoke import address, http_checks
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Event
from headgate.domain.plan import Trust

if TYPE_CHECKING:
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works


def pass_stage(works: Works, record: ChangeRecord, move: Move) -> None:
    """The new version may have more of the traffic."""
    works.write(record, (Event.STAGE_PASSED, {"stage": move.step, "why": move.why}))


def mark_watched(works: Works, record: ChangeRecord, move: Move) -> None:
    """The watch ended well (or nothing could be undone any more)."""
    works.write(record, (Event.CHANGE_WATCHED, {"why": move.why}))


def mark_good(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Remember which version is now known good, and which one was left because it was not."""
    made = works.kind_of(record).result(works.run_of(record))
    for target, version_id in made.rehearsed.items():
        works.write_about(
            target, record, (Event.VERSION_GOOD, {"version_id": version_id, "artifact": made.artifact})
        )
    said = [(Event.VERSION_GOOD, {"version_id": made.good_version, "artifact": made.artifact})]
    if made.bad_version:
        said.append((Event.VERSION_BAD, {"version_id": made.bad_version, "why": record.change.reason}))
    works.write(record, *said)


def check_rollback(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Call the version that is kept in reach: only if it answers, the report says that rollback is ready."""
    run = works.run_of(record)
    kept = works.kind_of(record).result(run).kept_version
    ready, what = (False, "no earlier version is kept in reach")
    if kept:
        ready, what = _answers(works, record, kept)
    works.tools.calls.take()
    said: list[tuple[Event, dict[str, object]]] = [(Event.ROLLBACK_CHECKED, {"ready": ready, "what": what})]
    if ready and run.plan.rollback.trust is Trust.ADOPTED:
        said.append((Event.VERSION_ADOPTED, {"version_id": kept}))
    works.write(record, *said)


def _answers(works: Works, record: ChangeRecord, version_id: str) -> tuple[bool, str]:
    environment = record.change.target.environment
    script = record.change.arguments["scripts"][environment]
    checks = http_checks(works.tools)
    try:
        base_url = address(works.tools, environment, script)
    except HeadgateError as error:
        return False, str(error)
    for check in checks:
        result = works.tools.prober.run(check, base_url, script=script, version_id=version_id)
        if not result.passed:
            return False, f"version {version_id} did not answer as it should: {result.what}"
    if not checks:
        return False, "there is no HTTP smoke check to call the kept version with"
    return True, f"version {version_id} answered {len(checks)} smoke checks"
