"""The figures of a change, as the journal has them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headgate.domain.change import ChangeKind
from headgate.domain.journal import Entry, Event
from headgate.domain.report.ending import Ending
from headgate.domain.report.model import About, Metrics, State, VersionFigures
from headgate.domain.report.stages import evidence_of, stages_of
from headgate.domain.report.versions import brings_back, gives_all_traffic, released_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord

_BUILD = re.compile(r"wrangler deploy --dry-run\b.* \((?P<ms>\d{1,9}) ms\)$")
"""A build among the calls that came before the plan."""


def metrics_of(record: ChangeRecord, entries: tuple[Entry, ...], about: About) -> Metrics:
    """Deploy time, error rate, latency, and whether going back is ready."""
    last = record.samples[-1] if record.samples else {}
    return Metrics(
        build_seconds=_build_seconds(entries),
        switched_seconds=_seconds(record.proposed_at, _switched_at(record, entries)),
        total_seconds=_seconds(record.proposed_at, about.ended_at),
        back_seconds=_seconds(_first(entries, Event.CHANGE_UNDOING), _back_at(record, entries)),
        new=_figures(last.get("new")),
        old=_figures(last.get("old")),
        rollback_ready=record.rollback_ready is True and about.state is not State.ROLLED_BACK,
        rollback_checked=_rollback_checked(record, about),
        stages=stages_of(record),
        evidence=evidence_of(record),
    )


def _rollback_checked(record: ChangeRecord, about: About) -> str:
    """What was seen when going back was checked; where nothing was, why not."""
    if about.ending:
        noun = "rollback" if record.change.kind is ChangeKind.WORKER_ROLLBACK else "release"
        return _NOT_READY[about.ending].format(noun=noun)
    if about.state is State.REJECTED:
        return "nothing was changed"
    return record.rollback_checked or "not checked yet: the change is not finished"


_NOT_READY: Mapping[Ending, str] = {
    Ending.NEVER_CHANGED: "the {noun} itself was undone before anything was changed there",
    Ending.NO_TRAFFIC_MOVED: "the {noun} itself was undone before any traffic was moved",
    Ending.WENT_BACK: "the {noun} itself was rolled back",
    Ending.WITHDRAWN: "the Worker was taken away again, so there is nothing to go back from",
    Ending.LEFT_ALONE: "what somebody else deployed serves, and going back from it was not checked",
}


def _build_seconds(entries: tuple[Entry, ...]) -> float | None:
    """How long the build took: that of the slowest environment, since all are built at once."""
    calls = [
        call
        for entry in entries
        if entry.event is Event.CHANGE_PLANNED
        for call in entry.data.get("calls", ())
    ]
    builds = [found for call in calls if (found := _BUILD.match(call))]
    return max((int(build["ms"]) / 1000 for build in builds), default=None)


def _switched_at(record: ChangeRecord, entries: tuple[Entry, ...]) -> str:
    version_id = released_version(record)
    for entry in entries:
        if entry.event is Event.STEP_DONE and gives_all_traffic(entry.data["facts"], version_id):
            return entry.at
    return ""


def _back_at(record: ChangeRecord, entries: tuple[Entry, ...]) -> str:
    undone = [entry for entry in entries if entry.event is Event.STEP_UNDONE]
    return next((entry.at for entry in undone if brings_back(record, entry.data["step"])), "")


def _first(entries: tuple[Entry, ...], event: Event) -> str:
    return next((entry.at for entry in entries if entry.event is event), "")


def _seconds(begin: str, end: str) -> float | None:
    if not begin or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def _figures(sample: Mapping[str, Any] | None) -> VersionFigures | None:
    if sample is None:
        return None
    return VersionFigures(
        requests=sample["requests"],
        error_rate_percent=sample["error_rate_percent"],
        p50_ms=sample["p50_ms"],
        p95_ms=sample["p95_ms"],
        p99_ms=sample["p99_ms"],
    )
