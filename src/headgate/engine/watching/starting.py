"""Beginning to watch: from here on it is counted."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Event
from headgate.domain.rollout.stages import ALL, Stage

if TYPE_CHECKING:
    from headgate.changes.kind import Watch
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.domain.traffic import Split
    from headgate.engine.works import Works


def start_watch(works: Works, record: ChangeRecord, move: Move) -> None:
    """Write down what is watched and by which rules, and the mark from which the source counts."""
    watch = works.kind_of(record).watch(works.run_of(record))
    settings = works.tools.settings
    stage = record.steps[move.step].stage if move.step else None
    stage = stage or Stage(ALL, ALL, settings.watch.duration_seconds)
    mark, why = begun(works, watch.script, watch.new_version, watch.old_version)
    works.tools.calls.take()
    said = {
        "stage": move.step,
        "script": watch.script,
        "new_version": watch.new_version,
        "old_version": watch.old_version,
        "can_undo": watch.can_undo,
        "split": dict(_split(record, move.step, watch)),
        **stage.as_json(),
        "duration_seconds": stage.soak_seconds,
        "ask_after_seconds": settings.watch.ask_after_seconds,
        "judge": asdict(settings.judge),
        "mark": mark,
        "unmarked": why,
    }
    works.write(record, (Event.WATCH_STARTED, said))


def begun(works: Works, script: str, new_version: str, old_version: str) -> tuple[dict[str, Any] | None, str]:
    """The source's mark, or why there is none yet: then each look tries again."""
    versions = [version for version in (new_version, old_version) if version]
    if not new_version:
        return None, "no traffic was moved"
    try:
        return dict(works.tools.metrics.begin(script, versions)), ""
    except HeadgateError as error:
        return None, str(error)


def _split(record: ChangeRecord, stage: str, watch: Watch) -> Split:
    """What has to serve while it is watched."""
    split: Split = record.steps[stage].facts["split"] if stage else {watch.new_version: ALL}
    return split
