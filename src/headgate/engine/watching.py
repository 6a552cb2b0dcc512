"""Watching production after the steps: take samples, ask the judge, until it promotes or rolls back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from headgate.changes.parts.smoke import address, http_checks
from headgate.changes.parts.traffic import foreign
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Event
from headgate.domain.judge import Answer, Judgement, Looked
from headgate.domain.judge.threshold import judge
from headgate.domain.plan import Trust
from headgate.domain.traffic import NOTHING_COUNTED, Counters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works

PROBES_MAX = 10
"""How many requests of its own Headgate sends with one sample at the most."""
ABORT_LOOK_SECONDS = 0.2
"""How often a waiting watch looks whether somebody asked to abort."""


def start_watch(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Remember what was counted up to now: for the new version as zero, for the old one as its baseline.

    The old version's baseline is everything counted for it, since it has no traffic after the switch.
    """
    run = works.run_of(record)
    watch = works.kind_of(record).watch(run)
    counted = _read(works, watch.script) or {}
    marks = {
        version_id: counted.get(version_id, NOTHING_COUNTED).mark()
        for version_id in (watch.new_version, watch.old_version)
        if version_id
    }
    works.tools.calls.take()
    said = {
        "script": watch.script,
        "new_version": watch.new_version,
        "old_version": watch.old_version,
        "can_undo": watch.can_undo,
        "duration_seconds": works.tools.settings.watch.duration_seconds,
        "marks": marks,
    }
    works.write(record, (Event.WATCH_STARTED, said))


def sample(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Wait until the next sample is due, take it, and write down what the judge says of it."""
    rules = works.tools.settings.watch
    due = rules.interval_seconds * (len(record.samples) + 1)
    if not _waited(works, record, due):
        return
    watch = record.watch
    new, old = _figures(record, _read(works, watch["script"]))
    if new is not None and (missing := _missing(works, record, new)):
        _probe(works, record, missing)
        new, old = _figures(record, _read(works, watch["script"]))
    looked = _looked(works, record, readable=new is not None)
    judgement = _with_deployment(works, watch, judge(rules, new=new, old=old, looked=looked))
    works.tools.calls.take()
    said = {
        "new": new.as_json() if new else None,
        "old": old.as_json() if old else None,
        "watched_seconds": round(looked.elapsed_seconds, 1),
        "answer": judgement.answer.value,
        "why": judgement.why,
    }
    works.write(record, (Event.WATCH_SAMPLED, said))


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


def _with_deployment(works: Works, watch: Mapping[str, Any], judged: Judgement) -> Judgement:
    """The judge's answer, unless somebody else deployed meanwhile: then there is nothing to promote.

    What they deployed is left alone. Without knowing what serves, nothing is promoted either.
    """
    try:
        current = works.tools.platform.deployment(watch["script"])
    except HeadgateError as error:
        unknown = Judgement(Answer.HOLD, f"no verdict yet: what serves could not be asked ({error.what})")
        return unknown if judged.answer is Answer.PROMOTE else judged
    who = foreign(watch["script"], current, watch["new_version"])
    return Judgement(Answer.ROLLBACK, f"Somebody else changed the deployment: {who}.") if who else judged


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


def _waited(works: Works, record: ChangeRecord, due_seconds: float) -> bool:
    """Wait until that long after the watch began; False if somebody asked to abort meanwhile."""
    journal, clock = works.tools.journal, works.tools.clock
    while (left := due_seconds - _watched_seconds(works, record)) > 0:
        clock.sleep(min(left, ABORT_LOOK_SECONDS))
        asked = journal.last(str(record.change.target), Event.ABORT_REQUESTED)
        if asked is not None and asked.change_id == record.change.id and record.watch["can_undo"]:
            return False
    return True


def _watched_seconds(works: Works, record: ChangeRecord) -> float:
    return (works.tools.clock.now() - datetime.fromisoformat(record.watch_started_at)).total_seconds()


def _read(works: Works, script: str) -> dict[str, Counters] | None:
    """The counters, or None: a source that cannot be read is no evidence, and never good news."""
    try:
        return dict(works.tools.metrics.counters(script))
    except HeadgateError as error:
        works.tools.calls.note(f"counters of {script} could not be read: {error.what}")
        return None


def _figures(
    record: ChangeRecord, counted: dict[str, Counters] | None
) -> tuple[Counters | None, Counters | None]:
    watch = record.watch
    marks = {version_id: Counters.from_mark(mark) for version_id, mark in watch["marks"].items()}
    old = marks.get(watch["old_version"])
    if counted is None:
        return None, old
    new_version = watch["new_version"]
    return counted.get(new_version, NOTHING_COUNTED).since(marks.get(new_version)), old


def _looked(works: Works, record: ChangeRecord, *, readable: bool) -> Looked:
    """How long was looked: a time in which the counters could not be read was not watched."""
    elapsed, interval = _watched_seconds(works, record), works.tools.settings.watch.interval_seconds
    read = [sample["watched_seconds"] for sample in record.samples if sample["new"] is not None]
    observed = min(interval * (len(read) + readable), elapsed)
    blind = 0.0 if readable else elapsed - (read[-1] if read else 0.0)
    return Looked(elapsed_seconds=elapsed, observed_seconds=observed, blind_seconds=blind)


def _missing(works: Works, record: ChangeRecord, new: Counters) -> int:
    """How many requests a verdict still lacks; where nobody came since the last sample, one a check."""
    last = next((sample["new"] for sample in reversed(record.samples) if sample["new"]), None)
    unvisited = last is not None and last["requests"] == new.requests
    at_least = len(http_checks(works.tools)) if unvisited else 0
    return max(works.tools.settings.watch.min_requests - new.requests, at_least)


def _probe(works: Works, record: ChangeRecord, missing: int) -> None:
    """Send the smoke checks' requests to the new version, so that a service without traffic can be judged."""
    environment, watch = record.change.target.environment, record.watch
    checks = http_checks(works.tools)
    if not checks:
        return
    try:
        base_url = address(works.tools, environment, watch["script"])
    except HeadgateError as error:
        # The missing requests stay missing, and the judge says what that comes to.
        works.tools.calls.note(f"no probe could be sent to {watch['script']}: {error.what}")
        return
    for number in range(min(missing, PROBES_MAX)):
        check = checks[number % len(checks)]
        works.tools.prober.run(check, base_url, script=watch["script"], version_id=watch["new_version"])
