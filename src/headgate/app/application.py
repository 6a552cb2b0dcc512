"""Application: every command and every query. An entrypoint calls nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from headgate.domain.change import BEFORE_RUNNING, Change, ChangeKind, Phase, Target
from headgate.domain.errors import ChangeBusy, NotFound, ProjectError
from headgate.domain.journal import Draft, Event, verify
from headgate.domain.moves import Do, next_move
from headgate.domain.record import ChangeRecord, Outcome, record_of
from headgate.engine.following import Following
from headgate.engine.mover import Mover

if TYPE_CHECKING:
    from headgate.app.doctor import Diagnosis
    from headgate.app.overview import EnvironmentStatus
    from headgate.app.parts import Parts
    from headgate.domain.actor import Actor
    from headgate.domain.artifact import Bundle
    from headgate.domain.evidence import TestRun
    from headgate.domain.settings import Settings
    from headgate.engine.on_dbos import DurableEngine

Progress = Callable[[str], None]
"""Told, in a few words, what takes time."""


class Application:
    """What Headgate can do with one project. Not for several threads at once, but for the queries."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._engine: DurableEngine | None = None
        self._mine: set[str] = set()
        self._holding = False

    @property
    def settings(self) -> Settings:
        """The project's settings."""
        return self._parts.settings

    def close(self) -> None:
        """Let go of the engine and the folder. A change that still runs is then interrupted."""
        if self._engine is not None:
            self._engine.__exit__(None, None, None)
            self._engine = None
        self._parts.lock.release()
        self._holding = False

    # Commands

    def release(self, *, environment: str, reason: str, author: Actor, progress: Progress) -> str:
        """Build the artifact and propose its release to an environment; the change's id.

        An environment other than staging is released through staging. Raises ChangeBusy, ProjectError,
        NotFound. `carry` does the rest.
        """
        target = self.target(environment)
        self._hold(target)
        self._parts.warm_up()
        # Before the build, so that nobody waits for one that cannot be released.
        self._parts.platform.verify_access()
        environments = self._way_to(environment)
        progress(f"building {' and '.join(environments)}")
        bundles = self._parts.build(environments)
        artifact = _one_artifact(bundles)
        arguments = {
            "environments": list(environments),
            "artifact": artifact,
            "bundles": {env: self._parts.artifacts.keep(bundle) for env, bundle in bundles.items()},
            "scripts": {env: self._parts.script(env) for env in environments},
        }
        return self._propose(ChangeKind.WORKER_RELEASE, target, reason, author, arguments)

    def rollback(self, *, environment: str, reason: str, author: Actor, version_id: str = "") -> str:
        """Send the traffic back to the last known good version, or to one that is named; the change's id.

        Returns as soon as the traffic is moved; `carry` watches and writes it down. A release that is under
        way is told to go back instead, and its id is returned. Raises ChangeBusy, NotFound.
        """
        target = self.target(environment)
        if not self._acquire(str(target)):
            return self._tell_to_go_back(target, reason, author)
        for record in self._open_on(target):
            if self._went_back_from(record, reason, author) and not version_id:
                self._mine.add(record.change.id)
                return record.change.id
        script = self._script_released(target)
        # Asked before anything is proposed: an account out of reach is no reason to refuse a change.
        self._parts.platform.deployment(script)
        arguments = {"version_id": version_id, "scripts": {target.environment: script}}
        change_id = self._propose(ChangeKind.WORKER_ROLLBACK, target, reason, author, arguments)
        Mover(self._parts.works, change_id).move_up_to(Do.START_WATCH)
        return change_id

    def carry(self, change_id: str) -> ChangeRecord:
        """Carry a change to its end in this process; one that was interrupted is taken up where it stands."""
        record = self.record(change_id)
        if record.outcome is not None:
            return record
        if not self._acquire(change_id):
            raise self._busy()
        if change_id not in self._mine:
            self._parts.works.write(record, (Event.CHANGE_RESUMED, {}))
            self._mine.add(change_id)
        self._durable_engine().carry(change_id, partition=str(record.change.target))
        return self.record(change_id)

    def abort(self, change_id: str, *, why: str, author: Actor) -> None:
        """Ask a change to stop and undo what it did. Whoever runs it obeys; if nobody does, `carry` it."""
        record = self.record(change_id)
        if record.outcome is not None:
            raise NotFound(
                f"Change {change_id} has ended already: {record.outcome}.",
                remedy="To go back to the version before, use `headgate rollback`.",
            )
        self._request(Event.ABORT_REQUESTED, change_id, why, author)

    def promote(self, change_id: str, *, why: str, author: Actor) -> None:
        """Let a change that is watched go on, on a person's word. Raises NotFound if none waits for it."""
        if next_move(self.record(change_id)).do not in _WATCHING:
            raise NotFound(
                f"Change {change_id} is not being watched, so there is nothing to promote.",
                remedy="`headgate status` says where it is.",
            )
        self._request(Event.PROMOTE_REQUESTED, change_id, why, author)

    def hold(self, change_id: str, *, why: str, author: Actor) -> None:
        """Let a change that runs go no further than where it is now, or than its next stage."""
        if self.record(change_id).phase not in _ON_THE_WAY:
            raise NotFound(
                f"Change {change_id} is not on its way to more traffic, so there is nothing to hold.",
                remedy="`headgate status` says where it is; `headgate rollback` goes back.",
            )
        self._request(Event.HOLD_REQUESTED, change_id, why, author)

    def retry(self, change_id: str, *, why: str, author: Actor) -> str:
        """Weigh the stage of a change that is watched anew; or release once more what was rolled back.

        The id of the change that goes on: this one, or a new one with the same artifact, for `carry`.
        """
        record = self.record(change_id)
        if next_move(record).do in _WATCHING:
            self._request(Event.RETRY_REQUESTED, change_id, why, author)
            return change_id
        change = record.change
        again = (Outcome.ROLLED_BACK, Outcome.REJECTED)
        if change.kind is not ChangeKind.WORKER_RELEASE or record.outcome not in again:
            raise NotFound(
                f"Change {change_id} is not a release that was rolled back or refused, and is not watched.",
                remedy="`headgate history` lists the changes.",
            )
        self._hold(change.target)
        for key in change.arguments["bundles"].values():
            self._parts.artifacts.load(key)
        return self._propose(change.kind, change.target, why, author, change.arguments)

    def test(self, *, author: Actor, output: IO[bytes] | int, command: Sequence[str] = ()) -> TestRun:
        """Run the project's tests and record which artifact they were run on; `output` gets what they print.

        Raises ConfigError, and ProjectError where nothing could be recorded.
        """
        return self._parts.test_runner.run(by=str(author), output=output, command=command)

    # Queries

    def target(self, environment: str) -> Target:
        """The target of an environment's name ('' for production). Raises NotFound."""
        name = environment or self.settings.production
        if name not in self.settings.environments:
            known = ", ".join(self.settings.environments)
            raise NotFound(
                f"There is no environment {name}.",
                where="headgate.toml",
                remedy=f"Known are: {known}. Add [environments.{name}] if it is a new one.",
            )
        return Target(self.settings.service, name)

    def record(self, change_id: str) -> ChangeRecord:
        """What happened to a change so far. Raises NotFound."""
        return self.follow(change_id).record()

    def follow(self, change_id: str) -> Following:
        """A change's record that can be brought up to date as the change goes on."""
        return Following(self._parts.journal, change_id)

    def interrupted(self) -> tuple[str, ...]:
        """Changes that are not closed and that nobody runs."""
        if self._running_elsewhere():
            return ()
        return tuple(
            change_id for change_id in self._parts.journal.open_changes() if change_id not in self._mine
        )

    def running(self) -> tuple[str, ...]:
        """Changes that are not closed and that some process runs."""
        return self._parts.journal.open_changes() if self._running_elsewhere() else ()

    def status(self, environment: str = "") -> list[EnvironmentStatus]:
        """What serves and what runs, by environment ('' for all)."""
        names = (self.target(environment).environment,) if environment else tuple(self.settings.environments)
        from headgate.app.overview import overview

        return overview(self._parts, names, self.running())

    def doctor(self) -> list[Diagnosis]:
        """Look whether everything is there that a release needs."""
        from headgate.app.doctor import examine

        return examine(self._parts)

    def history(self, environment: str = "", *, limit: int = 20) -> list[ChangeRecord]:
        """The newest changes of an environment ('' for all), newest first."""
        subject = str(self.target(environment)) if environment else ""
        proposals = self._parts.journal.recent(subject, Event.CHANGE_PROPOSED, limit=limit)
        return [record_of(self._parts.journal.of_change(entry.change_id)) for entry in proposals]

    def report(self, change_id: str, form: str) -> str:
        """A change's report as `md`, `json` or `html`, or its picture as `svg`, made anew from the journal.

        Raises NotFound for a picture of a change in which no evidence was weighed.
        """
        from headgate.domain.report import forms

        entries = self._parts.journal.of_change(change_id)
        if not entries:
            raise NotFound(f"There is no change {change_id}.", remedy="`headgate history` lists the changes.")
        made = forms(entries)
        if form not in made:
            raise NotFound(
                f"There is no picture of change {change_id}: no evidence was weighed.",
                remedy="`headgate report --format md` has what there is.",
            )
        return made[form]

    def newest(self, environment: str = "") -> str:
        """The id of the newest change. Raises NotFound if there is none yet."""
        subject = str(self.target(environment)) if environment else ""
        newest = self._parts.journal.recent(subject, Event.CHANGE_PROPOSED, limit=1)
        if not newest:
            raise NotFound("There is no change yet.", remedy="`headgate deploy` makes the first one.")
        return newest[0].change_id

    def verify_journal(self) -> int:
        """Check the whole journal; how many entries hold. Raises JournalBroken."""
        return verify(self._parts.journal.everything())

    # How

    def _request(self, event: Event, change_id: str, why: str, author: Actor) -> None:
        target = self.record(change_id).change.target
        self._parts.journal.append(Draft(event, change_id, str(target), str(author), {"why": why}))

    def _durable_engine(self) -> DurableEngine:
        if self._engine is None:
            self._engine = self._parts.durable_engine().__enter__()
        return self._engine

    def _acquire(self, what: str) -> bool:
        """Have the folder to ourselves: one process runs changes at a time."""
        self._holding = self._holding or self._parts.lock.try_acquire(what)
        return self._holding

    def _running_elsewhere(self) -> bool:
        return not self._holding and self._parts.lock.holder() is not None

    def _hold(self, target: Target) -> None:
        if not self._acquire(str(target)):
            raise self._busy()
        waiting = [
            change_id for change_id in self._parts.journal.open_changes() if change_id not in self._mine
        ]
        if waiting:
            raise ChangeBusy(
                f"Change {waiting[0]} was interrupted and is not finished.",
                where=str(target),
                remedy="Finish it first: `headgate resume`.",
            )

    def _busy(self) -> ChangeBusy:
        holder = self._parts.lock.holder()
        # On a full disk the holder could not write down who it is.
        who = f" (process {holder.pid})" if holder and holder.pid else ""
        running = ", ".join(self._parts.journal.open_changes()) or "one that is just beginning"
        return ChangeBusy(
            f"Another change of this project is running{who}: {running}.",
            where=str(self._parts.folder),
            remedy="Follow it with `headgate watch`, stop it with `headgate abort`, or wait with --wait.",
        )

    def _propose(
        self, kind: ChangeKind, target: Target, reason: str, author: Actor, arguments: Mapping[str, Any]
    ) -> str:
        change = Change(self._parts.ids.change_id(), kind, target, author, reason, arguments)
        draft = Draft(Event.CHANGE_PROPOSED, change.id, str(target), str(author), change.as_json())
        self._parts.journal.append(draft)
        self._mine.add(change.id)
        return change.id

    def _way_to(self, environment: str) -> tuple[str, ...]:
        staging = self.settings.staging
        if environment == staging or staging not in self.settings.environments:
            return (environment,)
        return (staging, environment)

    def _script_released(self, target: Target) -> str:
        """The Worker's name: where Headgate last released to, else what the wrangler configuration says."""
        proposals = self._parts.journal.recent(str(target), Event.CHANGE_PROPOSED, limit=1)
        if proposals:
            return str(proposals[0].data["arguments"]["scripts"][target.environment])
        return self._parts.script(target.environment)

    def _open_on(self, target: Target) -> list[ChangeRecord]:
        records = [self.record(change_id) for change_id in self._parts.journal.open_changes()]
        return [record for record in records if record.change.target == target]

    def _tell_to_go_back(self, target: Target, reason: str, author: Actor) -> str:
        """Another process runs a release here: it is quicker, and in order, that it goes back itself."""
        releases = [r for r in self._open_on(target) if r.change.kind is ChangeKind.WORKER_RELEASE]
        if not releases:
            raise self._busy()
        self.abort(releases[-1].change.id, why=reason, author=author)
        return releases[-1].change.id

    def _went_back_from(self, record: ChangeRecord, reason: str, author: Actor) -> bool:
        """Bring an interrupted change to where the traffic is back; False if it was too late for that.

        What is left of it (writing down, telling) is done later: nothing of that may hold up a rollback.
        """
        change = record.change
        self._parts.works.write(record, (Event.CHANGE_RESUMED, {}))
        if change.kind is ChangeKind.WORKER_RELEASE:
            self.abort(change.id, why=reason, author=author)
        Mover(self._parts.works, change.id).move_up_to(_TRAFFIC_IS_BACK[change.kind])
        return change.kind is ChangeKind.WORKER_ROLLBACK or self.record(change.id).phase in _UNDONE


_WATCHING = (Do.SAMPLE, Do.ASK)
_ON_THE_WAY = BEFORE_RUNNING | {Phase.RUNNING, Phase.VERIFIED}
_UNDONE = (Phase.ROLLED_BACK, Phase.REJECTED)
_TRAFFIC_IS_BACK = {ChangeKind.WORKER_RELEASE: Do.DOCUMENT, ChangeKind.WORKER_ROLLBACK: Do.START_WATCH}
"""Which move comes after the one that brought the traffic back."""


def _one_artifact(bundles: Mapping[str, Bundle]) -> str:
    digests = {environment: bundle.digest for environment, bundle in bundles.items()}
    if len(set(digests.values())) > 1:
        told = ", ".join(f"{environment} {digest[:19]}" for environment, digest in digests.items())
        raise ProjectError(
            f"The build differs between environments: {told}.",
            where="wrangler configuration",
            remedy="Build the same code for all of them: no `define` or `alias` per environment; use vars.",
        )
    return next(iter(digests.values()))
