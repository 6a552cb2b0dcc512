"""`headgate status`: what serves in each environment, and what runs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.change import Phase
from headgate.domain.judge import ROLLED_BACK
from headgate.domain.looks.standing import standing
from headgate.domain.texts import one_line
from headgate.entrypoints.cli.views.history import outcome
from headgate.entrypoints.cli.views.reading import watch_seconds
from headgate.entrypoints.cli.views.table import cut
from headgate.entrypoints.cli.views.words import age, ago, at, duration, noun, percent, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from headgate.app.overview import EnvironmentStatus
    from headgate.domain.record import ChangeRecord
    from headgate.domain.traffic import Deployment
    from headgate.entrypoints.cli.views.ink import Ink

LABEL_WIDTH = 12


def status(environments: Sequence[EnvironmentStatus], *, now: datetime, width: int, ink: Ink) -> list[str]:
    """A paragraph for each environment."""
    lines: list[str] = []
    for environment in environments:
        lines += [""] if lines else []
        lines += _paragraph(environment, now, width, ink)
    return lines


def _paragraph(status: EnvironmentStatus, now: datetime, width: int, ink: Ink) -> list[str]:
    script = f"  {ink.dim(f'Worker {status.script}')}" if status.script else ""
    pairs = [*_serving(status, now, width, ink), ("known good", status.good_version or "none yet")]
    if status.open_change:
        pairs.append(("change", _open(status.open_change, now, ink, running=status.running)))
        pairs += [("", line) for line in _judged(status.open_change)]
    if status.last_change:
        pairs.append(("last change", _ended(status.last_change, now)))
    body = [f"  {ink.dim(label.ljust(LABEL_WIDTH))}{text}" for label, text in pairs]
    return [f"{ink.bold(str(status.target))}{script}", *body]


def _serving(status: EnvironmentStatus, now: datetime, width: int, ink: Ink) -> list[tuple[str, str]]:
    if status.unknown:
        return [("serving", ink.bad(f"unknown: {one_line(status.unknown)}"))]
    if status.serving is None:
        return [("serving", "nothing: never deployed")]
    return _deployed(status.serving, now, width)


def _deployed(serving: Deployment, now: datetime, width: int) -> list[tuple[str, str]]:
    said = [("said", cut(one_line(serving.message), width - LABEL_WIDTH - 2))] if serving.message else []
    return [
        ("serving", split_words(serving.split, full=True)),
        ("since", f"{at(serving.created_on)} ({ago(serving.created_on, now)})"),
        ("by", one_line(serving.author)),
        *said,
    ]


def _open(record: ChangeRecord, now: datetime, ink: Ink, *, running: bool) -> str:
    what = f"{noun(record.change)} {record.change.id}"
    if not running:
        return ink.warn(f"{what} was interrupted when it was {record.phase}; it is being taken up")
    return ink.good(f"{what} is {_where(record, now)}; follow it with `headgate watch`")


def _judged(record: ChangeRecord) -> list[str]:
    """What the judge says of the stage that is watched, and who is waited for."""
    stands, samples = standing(record), record.watch_samples
    if stands is None or not samples:
        return []
    asked = [f"asked about {about}: {', '.join(roles)}" for about, roles in stands.asked.items()]
    left = stands.time_left_seconds
    return [one_line(samples[-1]["why"]), *([f"about {duration(left)} left"] if left else []), *asked]


def _ended(record: ChangeRecord, now: datetime) -> str:
    """What became of the newest change, in the words of its report."""
    what = f"{noun(record.change)} {record.change.id}, {age(record.ended_at, now)}: {outcome(record)}"
    why = one_line(record.verdict).removeprefix(ROLLED_BACK)
    return f"{what} {why}" if why.startswith("after ") else f"{what}: {why}" if why else what


def _where(record: ChangeRecord, now: datetime) -> str:
    if (stands := standing(record)) is not None:
        stage = f", stage {stands.number} of {stands.count}" if stands.number else ""
        seen = f"seen {duration(stands.soaked_seconds)} of {duration(stands.soak_seconds)}"
        return f"being watched at {percent(stands.share_percent)}{stage}, {seen}"
    if record.phase is not Phase.VERIFIED or not record.watch_started_at:
        return str(record.phase)
    watched, planned = watch_seconds(record, now)
    return f"being watched, {duration(watched)} of {duration(planned)}" if planned else "being watched"
