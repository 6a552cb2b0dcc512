"""Looks: the samples of the journal as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headgate.domain.judge.compared import OBJECTIVE
from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.looks.arm import Arm
from headgate.domain.rollout.reading import history_of
from headgate.domain.traffic import Counters, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what was counted by then, the evidence, and the judge's answer.

    `seconds` are since the first watch of the change began; `watch` counts the watches from 0. In the
    journal of an older Headgate there is no evidence.
    """

    watch: int
    seconds: float
    at: str
    share_percent: float
    new: Arm | None
    old: Arm | None
    evidence: tuple[Evidence, ...]
    answer: str
    why: str

    @property
    def against(self) -> Evidence | None:
        """What speaks most for a rollback; where several are enough, a comparison before a limit."""
        found = (one for one in self.evidence if one.side is Side.ROLLBACK)
        return max(found, key=lambda one: (one.is_enough and one.metric != OBJECTIVE, one.way), default=None)

    @property
    def in_favour(self) -> Evidence | None:
        """What speaks least for a promotion: every metric has to pass."""
        found = (one for one in self.evidence if one.side is Side.PROMOTE)
        return min(found, key=lambda one: one.way, default=None)

    def as_json(self) -> dict[str, Any]:
        """The look as data."""
        return {
            "at": self.at,
            "seconds": round(self.seconds, 1),
            "share_percent": self.share_percent,
            "new": self.new.as_json() if self.new else None,
            "old": self.old.as_json() if self.old else None,
            "evidence": [{**one.as_json(), "odds": one.odds} for one in self.evidence],
            "answer": self.answer,
            "why": self.why,
        }


def looks_of(record: ChangeRecord) -> tuple[Look, ...]:
    """All looks of a change, oldest first."""
    if not record.watch_starts:
        return ()
    past = _past(record)
    return tuple(
        _look(record, number, sample, past)
        for number, (_, _, samples) in enumerate(record.watches())
        for sample in samples
    )


def last_look(record: ChangeRecord) -> Look | None:
    """The newest look of the change; None before the first."""
    if not record.samples or not record.watch_starts:
        return None
    # A new watch has no sample at first: then the last one is of the watch before.
    last = len(record.samples) - 1
    number = max(place for place, start in enumerate(record.watch_starts) if start[2] <= last)
    return _look(record, number, record.samples[-1], _past(record))


def _look(record: ChangeRecord, number: int, sample: Mapping[str, Any], past: Mapping[str, Counters]) -> Look:
    watch, began_at, _ = record.watch_starts[number]
    taken_at = sample.get("taken_at", "")
    began = (datetime.fromisoformat(began_at) - _first_at(record)).total_seconds()
    seconds = began + sample["watched_seconds"]
    if taken_at:
        seconds = (datetime.fromisoformat(taken_at) - _first_at(record)).total_seconds()
    return Look(
        watch=number,
        # A clock that was put back must not make time run backwards.
        seconds=max(seconds, began),
        at=taken_at or began_at,
        share_percent=float(watch.get("share_percent", 100.0)),
        new=_arm(watch["new_version"], sample["new"], sample, past),
        old=_arm(watch["old_version"], sample["old"], sample, past),
        evidence=tuple(Evidence.from_json(one) for one in sample.get("evidence", ())),
        answer=sample["answer"],
        why=sample["why"],
    )


def _first_at(record: ChangeRecord) -> datetime:
    return datetime.fromisoformat(record.watch_starts[0][1])


def _past(record: ChangeRecord) -> dict[str, Counters]:
    """What was counted before the first watch, by version."""
    if not record.watch_starts:
        return {}
    history = history_of(record.watch_starts[0][0].get("mark") or {})
    versions = dict.fromkeys(version for past in history for version in past.counters)
    return {
        version: total(past.counters[version] for past in history if version in past.counters)
        for version in versions
    }


def _arm(
    version_id: str,
    shown: Mapping[str, Any] | None,
    sample: Mapping[str, Any],
    past: Mapping[str, Counters],
) -> Arm | None:
    if shown is None or not version_id:
        return None
    read = ((sample.get("reading") or {}).get("counters") or {}).get(version_id)
    known = (Counters.from_mark(read) if read else None, past.get(version_id))
    # A reading that was refused is not what is shown, nor is that of a version that is held to its past.
    same = (counters for counters in known if counters and counters.requests == shown["requests"])
    return Arm(version_id, shown, next(same, None))
