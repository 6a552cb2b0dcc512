"""Replaying a decision: the judge is given the journal's readings again, and has to answer the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import NotFound
from headgate.domain.judge import ROLLED_BACK
from headgate.domain.looks.look import Look, looks_of
from headgate.domain.rollout.course import Course

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.judge.evidence import Evidence
    from headgate.domain.record import ChangeRecord

LOG_TOLERANCE = 0.001
"""The journal rounds; another machine's logarithm may differ in its last place."""
NOT_THE_JUDGES = ("Somebody else changed the deployment: ", "no verdict yet: what serves could not be asked")
"""How answers begin that are not the judge's: who deployed beside it was not the judge's to weigh."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A look of the journal, and the judge's answer to the same readings now.

    `difference` says where they differ, '' if they do not; `overruled`: the answer was not the judge's.
    """

    look: Look
    answer: str
    why: str
    overruled: bool
    difference: str

    def as_json(self) -> dict[str, Any]:
        """The look as data, with what the judge says now."""
        replayed = {"answer": self.answer, "why": self.why, "difference": self.difference or None}
        return {**self.look.as_json(), "overruled": self.overruled, "replayed": replayed}


def explained(record: ChangeRecord) -> tuple[Explained, ...]:
    """Every look of a change, judged anew.

    Raises NotFound where there is nothing to judge: no watch, or one that an older Headgate judged otherwise.
    """
    looks = iter(looks_of(record))
    if not record.samples:
        raise NotFound(f"Change {record.change.id} was not watched: there is nothing to explain.")
    if any("mark" not in watch or "judge" not in watch for watch, _, _ in record.watches()):
        raise NotFound(
            f"Change {record.change.id} was judged by an older Headgate, which did not keep its readings.",
            remedy="`headgate report` has what it said.",
        )
    course, found = Course(), []
    for watch, at, samples in record.watches():
        course.begin(watch, at)
        for sample in samples:
            course.take(sample)
            found.append(_compared(course, watch, sample, next(looks)))
    return tuple(found)


def _compared(course: Course, watch: Mapping[str, Any], sample: Mapping[str, Any], look: Look) -> Explained:
    verdict = course.verdict()
    why = verdict.judgement.why
    why = why if watch["can_undo"] else why.removeprefix(ROLLED_BACK)
    answer = verdict.judgement.answer.value
    overruled = sample["why"].startswith(NOT_THE_JUDGES)
    difference = _difference(look.evidence, verdict.evidence)
    if not difference and not overruled and answer != look.answer:
        difference = f"the judge answers {answer}, the journal has {look.answer}"
    return Explained(look, answer, why, overruled, difference)


def _difference(kept: Sequence[Evidence], now: Sequence[Evidence]) -> str:
    names = [(one.metric, one.side) for one in kept]
    if names != [(one.metric, one.side) for one in now]:
        return "the evidence is of other metrics"
    for one, other in zip(kept, now, strict=True):
        if abs(one.log_value - other.log_value) > LOG_TOLERANCE:
            found, had = (f"{each.odds} (logarithm {each.log_value:.4f})" for each in (other, one))
            return f"the evidence of {one.metric} is {found}, the journal has {had}"
    return ""
