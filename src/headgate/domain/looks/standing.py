"""How a watch that goes on stands: which stage it is, how far it has come, and who is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.domain.asking import questions
from headgate.domain.change import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.record import ChangeRecord


@dataclass(frozen=True, slots=True)
class Standing:
    """`number` of `count` stages (0 of 0: the watch after all steps); times in seconds, None if unknown.

    `asked` names the roles that were asked, and about what; `held` who wants it to be held.
    """

    number: int
    count: int
    share_percent: float
    next_share_percent: float
    soaked_seconds: float
    soak_seconds: float
    time_left_seconds: float | None
    pause: bool
    asked: Mapping[str, tuple[str, ...]]
    held: str

    def as_json(self) -> dict[str, Any]:
        """The standing as data."""
        return {
            "stage": self.number or None,
            "stages": self.count,
            "share_percent": self.share_percent,
            "next_share_percent": self.next_share_percent,
            "soaked_seconds": round(self.soaked_seconds, 1),
            "soak_seconds": self.soak_seconds,
            "time_left_seconds": self.time_left_seconds,
            "pause": self.pause,
            "asked": {about: list(roles) for about, roles in self.asked.items()},
            "held": self.held or None,
        }


def standing(record: ChangeRecord) -> Standing | None:
    """How it stands; None while nothing is watched, and for the journal of an older Headgate."""
    watch, samples = record.watch, record.watch_samples
    if record.phase not in (Phase.RUNNING, Phase.VERIFIED) or "soak_seconds" not in watch:
        return None
    if watch["stage"] in record.passed:
        return None
    staged = [step.name for step in record.steps.values() if step.stage]
    number = staged.index(watch["stage"]) + 1 if watch["stage"] in staged else 0
    last: Mapping[str, Any] = samples[-1] if samples else {}
    return Standing(
        number=number,
        count=len(staged),
        share_percent=watch["share_percent"],
        next_share_percent=watch["next_share_percent"],
        soaked_seconds=min(soaked_seconds(watch, samples), watch["soak_seconds"]),
        soak_seconds=watch["soak_seconds"],
        time_left_seconds=last.get("time_left_seconds"),
        pause=bool(watch.get("pause")),
        asked={about: _roles(record, about) for about in sorted(record.asked)},
        held=record.hold.actor if record.hold else "",
    )


def soaked_seconds(watch: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> float:
    """How long a watch had data: looks in which requests came to the new version, and to one beside it."""
    compared = bool(watch["old_version"]) and watch["share_percent"] < 100
    soaked, new, old = 0.0, 0, 0
    for sample in samples:
        new_now, old_now = _requests(sample["new"]), _requests(sample["old"])
        if new_now > new and (old_now > old or not compared):
            soaked += sample.get("seconds") or 0.0
        new, old = new_now, old_now
    return soaked


def _requests(shown: Mapping[str, Any] | None) -> int:
    return int(shown["requests"]) if shown else 0


def _roles(record: ChangeRecord, about: str) -> tuple[str, ...]:
    return tuple(notice.role.value for notice in questions(record, about, ""))
