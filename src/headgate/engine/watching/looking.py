"""One look after the other: read what was counted, and write down what the judge says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.changes.parts.traffic import foreign
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Event
from headgate.domain.judge import ROLLED_BACK, Answer, Judgement
from headgate.engine.watching.probing import probed
from headgate.engine.watching.starting import begun
from headgate.engine.watching.waiting import waited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.domain.rollout.course import Course
    from headgate.domain.rollout.reading import Mark
    from headgate.engine.works import Works


class Looking:
    """Keeps the judge of one change between looks, so that a look does not cost more with history.

    A process that takes the change up builds it anew from the journal.
    """

    def __init__(self) -> None:
        self._course: Course | None = None
        self._watches = 0
        self._mark: Mark | None = None
        self._looked_at: float | None = None

    def sample(self, works: Works, record: ChangeRecord, _move: Move) -> None:
        """Wait until the next look is due, look, and write down what the judge says."""
        course, clock = self._course_of(record), works.tools.clock
        came_at = clock.monotonic()
        began_at = came_at if self._looked_at is None else self._looked_at
        if not waited(works, record, began_at + works.tools.settings.watch.interval_seconds):
            return
        seconds = None if self._looked_at is None and record.watch_samples else clock.monotonic() - began_at
        self._looked_at = clock.monotonic()
        seen = self._seen(works, record, course, seconds)
        self._course = None
        course.take(seen)
        said = {**seen, **_judged(works, record, course)}
        works.tools.calls.take()
        works.write(record, (Event.WATCH_SAMPLED, said))
        # Only now, when the journal has it: what could not be written was not seen.
        self._course = course

    def _course_of(self, record: ChangeRecord) -> Course:
        """The judge, up to date: a watch that has begun since is taken in."""
        if self._course is not None and self._watches == len(record.watch_starts):
            return self._course
        if self._course is None:
            self._course = rebuilt(record)
        else:
            for watch, at, _ in record.watch_starts[self._watches :]:
                self._course.begin(watch, at)
        self._watches, self._looked_at = len(record.watch_starts), None
        later = (sample["mark"] for sample in record.watch_samples if sample.get("mark"))
        self._mark = record.watch["mark"] or next(later, None)
        return self._course

    def _seen(
        self, works: Works, record: ChangeRecord, course: Course, seconds: float | None
    ) -> dict[str, Any]:
        """What this look found, in JSON values: the judge is given what the journal will have."""
        from headgate.domain.rollout.intervals import unsound

        watch, mark = record.watch, None
        probes = probed(works, record, course.versions.wanted) if course.wants_probes else None
        reading, unread = None, ""
        if self._mark is None:
            mark, unread = begun(works, watch["script"], watch["new_version"], watch["old_version"])
            unread = unread or "it is counted from now on"
            self._mark = mark
        else:
            try:
                found = works.tools.metrics.since(watch["script"], self._mark)
                unread = unsound(found, course.versions)
                reading = None if unread else found.as_json()
            except HeadgateError as error:
                unread = f"the counters could not be read: {error.what}"
        return {
            "stage": watch["stage"],
            "taken_at": works.tools.clock.now().isoformat(),
            "seconds": None if seconds is None else round(seconds, 3),
            "reading": reading,
            "unread": unread,
            "probes": probes,
            **({"mark": mark} if mark else {}),
        }


def rebuilt(record: ChangeRecord) -> Course:
    """The judge of a change from its journal: every reading of every watch, in order."""
    from headgate.domain.rollout.course import Course

    course = Course()
    for watch, at, samples in record.watches():
        course.begin(watch, at)
        for sample in samples:
            course.take(sample)
    return course


def _judged(works: Works, record: ChangeRecord, course: Course) -> dict[str, Any]:
    verdict = course.verdict()
    judgement = _with_deployment(works, record.watch, verdict.judgement)
    new, old = course.figures()
    watched = course.watched_seconds
    left = verdict.time_left_seconds
    # What cannot be undone is not rolled back, whatever is found.
    why = judgement.why if record.watch["can_undo"] else judgement.why.removeprefix(ROLLED_BACK)
    return {
        "new": new.as_json() if new else None,
        "old": old.as_json() if old else None,
        "watched_seconds": round(watched, 1),
        "evidence": [one.as_json() for one in verdict.evidence],
        "time_left_seconds": None if left is None else round(left, 1),
        "overdue": verdict.overdue,
        "answer": judgement.answer.value,
        "why": why,
    }


def _with_deployment(works: Works, watch: Mapping[str, Any], judged: Judgement) -> Judgement:
    """The judge's answer, unless somebody else deployed meanwhile: then there is nothing to promote.

    What they deployed is left alone. Without knowing what serves, nothing is promoted either.
    """
    try:
        current = works.tools.platform.deployment(watch["script"])
    except HeadgateError as error:
        unknown = Judgement(Answer.HOLD, f"no verdict yet: what serves could not be asked ({error.what})")
        return unknown if judged.answer is Answer.PROMOTE else judged
    who = foreign(watch["script"], current, watch["split"])
    return Judgement(Answer.ROLLBACK, f"Somebody else changed the deployment: {who}.") if who else judged
