"""The figures of a change, as the journal has them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from headgate.domain.journal import Entry, Event
from headgate.domain.report.model import Metrics, VersionFigures
from headgate.domain.report.versions import brings_back, gives_all_traffic, released_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord


def metrics_of(record: ChangeRecord, entries: tuple[Entry, ...], *, ended_at: str) -> Metrics:
    """Deploy time, error rate, latency, and whether going back is ready."""
    last = record.samples[-1] if record.samples else {}
    return Metrics(
        switched_seconds=_seconds(record.proposed_at, _switched_at(record, entries)),
        total_seconds=_seconds(record.proposed_at, ended_at),
        back_seconds=_seconds(_first(entries, Event.CHANGE_UNDOING), _back_at(record, entries)),
        new=_figures(last.get("new")),
        old=_figures(last.get("old")),
        rollback_ready=record.rollback_ready is True,
        rollback_checked=record.rollback_checked,
    )


def _switched_at(record: ChangeRecord, entries: tuple[Entry, ...]) -> str:
    version_id = released_version(record)
    for entry in entries:
        if entry.event is Event.STEP_DONE and gives_all_traffic(entry.data["facts"], version_id):
            return entry.at
    return ""


def _back_at(record: ChangeRecord, entries: tuple[Entry, ...]) -> str:
    undone = [entry for entry in entries if entry.event is Event.STEP_UNDONE]
    return next((entry.at for entry in undone if brings_back(record, entry.data)), "")


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
