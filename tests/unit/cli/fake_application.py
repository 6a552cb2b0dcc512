"""An application in memory: a change goes the way of a story when it is carried."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.domain.change import Change, Target
from headgate.domain.errors import ChangeBusy, HeadgateError, NotFound
from headgate.domain.evidence import TestRun
from headgate.domain.journal import Draft, Event, verify
from headgate.domain.record import ChangeRecord, record_of
from headgate.domain.settings import EnvironmentSettings, Settings
from headgate.engine.following import Following
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

    from headgate.app.application import Progress
    from headgate.app.doctor import Diagnosis
    from headgate.app.overview import EnvironmentStatus
    from headgate.domain.actor import Actor
    from tests.unit.report.story import Story

OUTCOMES = {"rejected": "rejected", "rolled back": "rolled back"}
WAIT_SECONDS_MAX = 20


class Moments(FixedClock):
    """A clock on which something happens whenever somebody sleeps."""

    then: Callable[[], None] | None = None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.then is not None:
            self.then()


@dataclass
class FakeApplication:
    """What a test sets beforehand, and what the command did."""

    course: Callable[[], Story]
    project: str = ""
    clock: Moments = field(default_factory=Moments)
    busy_times: int = 0
    elsewhere: tuple[str, ...] = ()
    """Changes that another process carries."""
    left: list[str] = field(default_factory=list)
    """Changes that were interrupted."""
    raises: BaseException | None = None
    """What carrying raises."""
    hold: bool = False
    """Carrying waits in the middle until the change is aborted."""
    statuses: list[EnvironmentStatus] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    tests_exit_code: int = 0
    asked: list[tuple[object, ...]] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.clock)
        self._aborted = threading.Event()
        self.held = threading.Event()
        environments = {name: EnvironmentSettings(name, name) for name in ("staging", "production")}
        self.settings = Settings("shop", self.project, "wrangler.jsonc", environments)

    def close(self) -> None:
        self.closed = True

    def target(self, environment: str) -> Target:
        if environment not in ("", *self.settings.environments):
            raise NotFound(
                f"There is no environment {environment}.", remedy="Known are: staging, production."
            )
        return Target("shop", environment or "production")

    def release(self, *, environment: str, reason: str, author: Actor, progress: Progress) -> str:
        self.asked.append(("release", environment, reason, str(author)))
        if self.busy_times:
            self.busy_times -= 1
            raise ChangeBusy("Another change is running.", remedy="Wait.")
        progress("building staging and production")
        return self.propose(reason)

    def rollback(self, *, environment: str, reason: str, author: Actor, version_id: str = "") -> str:
        self.asked.append(("rollback", environment, reason, version_id))
        if self.elsewhere:
            return self.elsewhere[0]
        if self.left:
            raise ChangeBusy("A change was interrupted.", remedy="Resume it.")
        change_id = self.propose(reason)
        self._go_on(change_id, until=Event.CHANGE_VERIFIED)
        return change_id

    def carry(self, change_id: str) -> ChangeRecord:
        self.asked.append(("carry", change_id))
        if self.raises is not None:
            raise self.raises
        if change_id in self.left:
            self.left.remove(change_id)
        if self.hold:
            self._go_on(change_id, until=Event.STEP_STARTED)
            self.held.set()
            if not self._aborted.wait(WAIT_SECONDS_MAX):
                raise TimeoutError("nobody aborted")
        self._go_on(change_id)
        return self.record(change_id)

    def abort(self, change_id: str, *, why: str, author: Actor) -> None:
        self.asked.append(("abort", change_id, why))
        if self.record(change_id).outcome is not None:
            raise NotFound("It has ended.")
        self._aborted.set()
        if change_id in self.elsewhere:
            self.end_elsewhere()

    def promote(self, change_id: str, *, why: str, author: Actor) -> None:
        self.asked.append(("promote", change_id, why))

    def retry(self, change_id: str, *, why: str, author: Actor) -> str:
        """One that has ended is released again: here, it goes the same way once more."""
        self.asked.append(("retry", change_id, why))
        if self.record(change_id).outcome is None:
            return change_id
        return self.release(environment="production", reason=why, author=author, progress=lambda _: None)

    def test(self, *, author: Actor, output: IO[bytes] | int, command: Sequence[str] = ()) -> TestRun:
        self.asked.append(("test", tuple(command)))
        return TestRun("sha256:aa", tuple(command), self.tests_exit_code, 1.5, ("r.xml",), ("old.xml",))

    def record(self, change_id: str) -> ChangeRecord:
        return self.follow(change_id).record()

    def follow(self, change_id: str) -> Following:
        return Following(self.journal, change_id)

    def interrupted(self) -> tuple[str, ...]:
        return tuple(self.left)

    def running(self) -> tuple[str, ...]:
        return self.elsewhere

    def status(self, environment: str = "") -> list[EnvironmentStatus]:
        return [each for each in self.statuses if environment in ("", each.target.environment)]

    def doctor(self) -> list[Diagnosis]:
        return self.diagnoses

    def history(self, environment: str = "", *, limit: int = 20) -> list[ChangeRecord]:
        proposals = self.journal.recent("", Event.CHANGE_PROPOSED, limit=limit)
        return [record_of(self.journal.of_change(entry.change_id)) for entry in proposals]

    def report(self, change_id: str, form: str) -> str:
        self.record(change_id)
        return f"the report of {change_id} as {form}\n"

    def newest(self, environment: str = "") -> str:
        records = self.history(limit=1)
        if not records:
            raise NotFound("There is no change yet.", remedy="`headgate deploy` makes the first one.")
        return records[0].change.id

    def verify_journal(self) -> int:
        return verify(self.journal.everything())

    # For tests

    def propose(self, reason: str = "because") -> str:
        """Propose the story's change."""
        told = self.course().entries[0]
        number = len(self.journal.recent("", Event.CHANGE_PROPOSED, limit=100)) + 1
        change = Change.from_json({**told.data, "reason": reason, "id": f"c{number:03}"})
        self.journal.append(
            Draft(Event.CHANGE_PROPOSED, change.id, told.subject, told.actor, change.as_json())
        )
        return change.id

    def interrupt(self) -> str:
        """Leave a change in the middle."""
        change_id = self.propose("left in the middle")
        self._go_on(change_id, until=Event.STEP_STARTED)
        self.left.append(change_id)
        return change_id

    def run_elsewhere(self) -> str:
        """Let another process carry a change."""
        self.elsewhere = (self.propose("by another process"),)
        return self.elsewhere[0]

    def end_elsewhere(self) -> None:
        """The other process brings its change to the end."""
        (change_id,) = self.elsewhere
        self._go_on(change_id)
        self.elsewhere = ()

    def _go_on(self, change_id: str, *, until: Event | None = None) -> None:
        """Write what the story says next, up to and with the first of an event."""
        written = len(self.journal.of_change(change_id))
        for entry in self.course().entries[written:]:
            self._write(entry.event, change_id, entry.data)
            if entry.event is until:
                return
        self._close(change_id)

    def _close(self, change_id: str) -> None:
        record = self.record(change_id)
        if record.outcome is None:
            self._write(Event.CHANGE_CLOSED, change_id, {"outcome": OUTCOMES.get(record.phase, "done")})

    def _write(self, event: Event, change_id: str, data: Mapping[str, object]) -> None:
        self.journal.append(Draft(event, change_id, "shop/production", "person:ann", data))


def disaster() -> HeadgateError:
    """An error with all its parts."""
    return HeadgateError("It broke.", where="here", remedy="Mend it.")
