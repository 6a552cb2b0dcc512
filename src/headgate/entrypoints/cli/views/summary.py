"""What is said when a change has ended: what is true now, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind
from headgate.domain.plan import WayBack
from headgate.domain.record import Outcome
from headgate.entrypoints.cli.views.reading import left_alone, new_version, split_now, took_seconds
from headgate.entrypoints.cli.views.words import duration, noun, split_words

if TYPE_CHECKING:
    from datetime import datetime

    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.views.ink import Ink


def summary(record: ChangeRecord, *, now: datetime, ink: Ink) -> list[str]:
    """A few lines."""
    head = _HEADS[record.outcome](record, ink)
    return [*head, *_traffic(record), *_failed_notices(record), *_documents(record), *_took(record, now)]


def _done(record: ChangeRecord, ink: Ink) -> list[str]:
    target, version = record.change.target, new_version(record)
    if record.change.kind is ChangeKind.WORKER_ROLLBACK:
        return [ink.good(f"Rolled back {target} to version {version}."), f"  {record.verdict}"]
    ready = "ready" if record.rollback_ready else f"NOT ready: {record.rollback_checked}"
    return [
        ink.good(f"Released version {version} to {target}."),
        f"  {record.verdict}",
        f"  rollback {ready}",
    ]


def _rolled_back(record: ChangeRecord, ink: Ink) -> list[str]:
    by = "by itself" if record.automatic else "as asked"
    return [
        ink.bad(f"The {noun(record.change)} to {record.change.target} was rolled back {by}."),
        f"  {record.verdict}",
        *(f"  {step.remedy}" for step in record.steps.values() if step.remedy),
    ]


def _rejected(record: ChangeRecord, ink: Ink) -> list[str]:
    return [
        ink.bad(f"The {noun(record.change)} to {record.change.target} was rejected. Nothing was changed."),
        f"  {record.verdict}",
    ]


def _open(record: ChangeRecord, ink: Ink) -> list[str]:
    what = f"The {noun(record.change)} {record.change.id} to {record.change.target}"
    lines = [ink.warn(f"{what} is not finished: it is {record.phase}.")]
    lines += [f"  {record.issues[-1]}"] if record.issues else []
    return [*lines, "  The next headgate command takes it up; `headgate resume` does only that."]


def _traffic(record: ChangeRecord) -> list[str]:
    if record.outcome is Outcome.REJECTED:
        return []
    plan = record.plan
    if record.outcome is Outcome.ROLLED_BACK and plan and plan.rollback.way is WayBack.WITHDRAW:
        return ["  first release: there was no version to go back to"]
    split, left = split_now(record), [f"  left alone: {what}" for what in left_alone(record)]
    return [*left, f"  serving {split_words(split, full=True)}"] if split else left


def _failed_notices(record: ChangeRecord) -> list[str]:
    failed = [notice for notice in record.notices if not notice["delivered"]]
    return [f"  could not tell {notice['role']} ({notice['channel']}): {notice['what']}" for notice in failed]


def _documents(record: ChangeRecord) -> list[str]:
    page = [path for path in record.documents if path.endswith(".md")]
    return [f"  written: {', '.join(page)}"] if page else []


def _took(record: ChangeRecord, now: datetime) -> list[str]:
    change_id, took = record.change.id, duration(took_seconds(record, now))
    return [f"  {noun(record.change)} {change_id}, {took}; `headgate report {change_id}` shows all of it"]


_HEADS = {
    Outcome.DONE: _done,
    Outcome.ROLLED_BACK: _rolled_back,
    Outcome.REJECTED: _rejected,
    None: _open,
}
