"""Plain lines: one for each entry of the journal that people care about. Their wording is stable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from headgate.domain.gate import GateResult, Verdict
from headgate.domain.journal import Event
from headgate.domain.judge import ROLLED_BACK
from headgate.entrypoints.cli.views.reading import figures
from headgate.entrypoints.cli.views.words import (
    clock_time,
    duration,
    milliseconds,
    noun,
    percent,
    rate,
    split_words,
)

if TYPE_CHECKING:
    from headgate.domain.journal import Entry
    from headgate.domain.record import ChangeRecord

INDENT = " " * 10
"""The width of a time and two spaces, for lines that belong to the one above."""


def lines_of(entry: Entry, record: ChangeRecord, *, calls: bool = False) -> list[str]:
    """What an entry says, beginning with its time in UTC. `record` has the entry in it already.

    With `calls`, also what was called. Nothing for entries that say no more than others.
    """
    say = _SAID.get(entry.event)
    first, *more = say(entry.data, record) if say else [""]
    if not first:
        return []
    called = entry.data.get("calls", ()) if calls else ()
    return [f"{clock_time(entry.at)}  {_flat(first)}", *(INDENT + _flat(line) for line in (*more, *called))]


def _flat(text: str) -> str:
    """One line stays one line: a reason that has several could pretend to be what happened next."""
    return " ".join(text.splitlines())


Said = Callable[["Mapping[str, Any]", "ChangeRecord"], list[str]]


def _proposed(_data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    change = record.change
    return [f"{noun(change)} {change.id} of {change.target}, by {change.author}: {change.reason}"]


def _planned(_data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    if record.plan is None:
        return []
    return [f"planned: {len(record.plan.steps)} steps; the way back: {record.plan.rollback}"]


def _gate(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return gate_lines(GateResult.from_json(data["result"]))


def gate_lines(result: GateResult) -> list[str]:
    """A gate's answer, then each finding that is not a pass with its place and its remedy."""
    lines = [f"gate {result.gate}: {result.verdict}: {result.summary}"]
    for finding in result.findings:
        if finding.verdict is Verdict.PASS:
            continue
        place = f" ({finding.where})" if finding.where else ""
        lines.append(f"{finding.verdict}: {finding.what}{place}")
        lines += [f"  {finding.remedy}"] if finding.remedy else []
    return lines


def _rejected(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"rejected: {data['why']}"]


def _resumed(_data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"taken up again: {noun(record.change)} {record.change.id}"]


def _step_started(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"step: {data['title']}"]


def _step_done(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"done: {record.steps[data['step']].title} ({duration(data['seconds'])}): {data['verified']}"]


def _step_failed(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"failed: {record.steps[data['step']].title}: {data['what']}", *_more(data)]


def _step_undone(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    title, facts = record.steps[data["step"]].title, data["facts"]
    if "left_alone" in facts:
        return [f"left alone: {title}: {facts['left_alone']}"]
    now = f": traffic is at {split_words(facts['split'])}" if "split" in facts else ""
    return [f"undone: {title}{now}"]


def _undo_failed(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"undoing failed: {record.steps[data['step']].title}: {data['what']}", *_more(data)]


def _more(data: Mapping[str, Any]) -> list[str]:
    place = [f"at {data['where']}"] if data["where"] else []
    return [*place, *([data["remedy"]] if data["remedy"] else [])]


def _watch_started(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    planned, share = data.get("duration_seconds"), data.get("share_percent", 100)
    where = f" at {percent(share)}" if share < 100 else ""
    return [f"watching{where} for {duration(planned)}" if planned else f"watching{where}"]


def _sampled(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    sides = "; ".join(f"{side.label} {_counted(side.counted)}" for side in figures(record) if side.counted)
    told = f": {sides}" if sides else ""
    first = f"watched {duration(data['watched_seconds'])}{told}; {data['answer']}: {data['why']}"
    # Loaded here, because a rollback must not wait for it.
    from headgate.domain.looks.look import last_look
    from headgate.entrypoints.cli.views.evidence import named

    look = last_look(record)
    if look is None or look.against is None:
        return [first]
    evidence = f"evidence against: {named(look.against)}; for: {named(look.in_favour)}"
    left = data.get("time_left_seconds")
    return [first, f"{evidence}; about {duration(left)} left" if left else evidence]


def _counted(counted: Mapping[str, Any]) -> str:
    latency = "/".join(milliseconds(counted[f"p{quantile}_ms"]) for quantile in (50, 95, 99))
    errors = rate(counted["error_rate_percent"])
    return f"{counted['requests']} requests, {errors} errors, p50/p95/p99 {latency}"


def _passed(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"passed: {record.steps[data['stage']].title}: {data['why']}"]


def _asked(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    go_on = f"`headgate promote {record.change.id}` goes on, `headgate abort {record.change.id}` goes back"
    return [f"waiting for a person: {data['why']}", go_on]


def _promote(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"promotion asked for: {data['why']}"]


def _hold(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"hold asked for: {data['why']}"]


def _retry(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"to be weighed anew: {data['why']}"]


def _abort(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"abort asked for: {data['why']}"]


def _verified(_data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return ["verified: every step was done and checked"]


def _watched(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"watched: {data['why']}"]


def _undoing(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    why = data["why"].removeprefix(ROLLED_BACK)
    return [f"rolling back{' by itself' if data['automatic'] else ''}: {why}"]


def _rolled_back(_data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return ["rolled back"]


def _rollback_checked(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"rollback {'ready' if data['ready'] else 'not ready'}: {data['what']}"]


def _written(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    return [f"written: {', '.join(data['files'])}" if data["files"] else ""]


def _notice(data: Mapping[str, Any], _record: ChangeRecord) -> list[str]:
    if data["delivered"]:
        return [f"told {data['role']} ({data['channel']})"]
    return [f"could not tell {data['role']} ({data['channel']}): {data['what']}"]


def _closed(data: Mapping[str, Any], record: ChangeRecord) -> list[str]:
    return [f"ended: {noun(record.change)} {record.change.id}: {data['outcome']}"]


_SAID: Mapping[Event, Said] = {
    Event.CHANGE_PROPOSED: _proposed,
    Event.CHANGE_PLANNED: _planned,
    Event.GATE_ANSWERED: _gate,
    Event.CHANGE_REJECTED: _rejected,
    Event.CHANGE_RESUMED: _resumed,
    Event.STEP_STARTED: _step_started,
    Event.STEP_DONE: _step_done,
    Event.STEP_FAILED: _step_failed,
    Event.STEP_UNDONE: _step_undone,
    Event.UNDO_FAILED: _undo_failed,
    Event.WATCH_STARTED: _watch_started,
    Event.WATCH_SAMPLED: _sampled,
    Event.STAGE_PASSED: _passed,
    Event.PERSON_ASKED: _asked,
    Event.PROMOTE_REQUESTED: _promote,
    Event.HOLD_REQUESTED: _hold,
    Event.RETRY_REQUESTED: _retry,
    Event.ABORT_REQUESTED: _abort,
    Event.CHANGE_VERIFIED: _verified,
    Event.CHANGE_WATCHED: _watched,
    Event.CHANGE_UNDOING: _undoing,
    Event.CHANGE_ROLLED_BACK: _rolled_back,
    Event.ROLLBACK_CHECKED: _rollback_checked,
    Event.REPORT_WRITTEN: _written,
    Event.NOTICE_SENT: _notice,
    Event.CHANGE_CLOSED: _closed,
}
