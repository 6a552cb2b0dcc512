"""The journal: an append-only list of entries, each carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import JournalBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""
BY_HAND = "In an emergency roll back by hand: `npx wrangler rollback VERSION --name WORKER`."
"""Without its journal Headgate does nothing; production must not have to wait for that to be mended."""


class Event(StrEnum):
    """Everything the journal can say. In brackets: what the entry's data holds."""

    CHANGE_PROPOSED = "change.proposed"  # the change
    CHANGE_PLANNED = "change.planned"  # the plan, digest, calls (the build's among them)
    GATE_ANSWERED = "gate.answered"  # a gate's result, seconds
    CHANGE_GATED = "change.gated"  # nothing
    CHANGE_APPROVED = "change.approved"  # rule
    CHANGE_REJECTED = "change.rejected"  # why
    CHANGE_RUNNING = "change.running"  # nothing
    CHANGE_RESUMED = "change.resumed"  # process: an interrupted change was taken up
    STEP_STARTED = "step.started"  # step, title
    STEP_DONE = "step.done"  # step, facts, verified, calls, seconds
    STEP_FAILED = "step.failed"  # step, what, where, remedy, calls, seconds
    WATCH_STARTED = "watch.started"  # stage, script, versions, split, mark, judge: see engine/watching
    WATCH_SAMPLED = "watch.sampled"  # reading, probes, evidence, new, old, watched_seconds, answer, why
    STAGE_PASSED = "stage.passed"  # stage, why
    PERSON_ASKED = "person.asked"  # stage, about, why, told
    PROMOTE_REQUESTED = "promote.requested"  # why
    HOLD_REQUESTED = "hold.requested"  # why
    RETRY_REQUESTED = "retry.requested"  # why: the stage that runs begins anew
    ABORT_REQUESTED = "abort.requested"  # why
    CHANGE_VERIFIED = "change.verified"  # nothing
    CHANGE_WATCHED = "change.watched"  # why
    CHANGE_UNDOING = "change.undoing"  # why, automatic
    STEP_UNDONE = "step.undone"  # step, facts, calls, seconds
    UNDO_FAILED = "undo.failed"  # step, what, where, remedy, calls, seconds
    CHANGE_ROLLED_BACK = "change.rolled_back"  # nothing
    VERSION_GOOD = "version.good"  # version_id, artifact
    VERSION_ADOPTED = "version.adopted"  # version_id: served before Headgate came, and answered when called
    VERSION_BAD = "version.bad"  # version_id, why
    ROLLBACK_CHECKED = "rollback.checked"  # ready, what
    REPORT_WRITTEN = "report.written"  # files
    CHANGE_DOCUMENTED = "change.documented"  # files
    NOTICE_SENT = "notice.sent"  # role, channel, delivered, what
    CHANGE_HANDED_OFF = "change.handed_off"  # roles
    CHANGE_CLOSED = "change.closed"  # outcome


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is written: the journal adds number, time and hashes."""

    event: Event
    change_id: str
    subject: str
    """What it is about, `service/environment`."""
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A written entry. `at` is UTC in ISO 8601; `previous` is the hash of the entry before."""

    seq: int
    at: str
    event: Event
    change_id: str
    subject: str
    actor: str
    data: Mapping[str, Any]
    previous: str
    hash: str


def seal(draft: Draft, *, seq: int, at: str, previous: str) -> Entry:
    """Make a draft the entry after the one whose hash is `previous`."""
    return Entry(
        seq=seq,
        at=at,
        event=draft.event,
        change_id=draft.change_id,
        subject=draft.subject,
        actor=draft.actor,
        data=draft.data,
        previous=previous,
        hash=_hash(draft, seq, at, previous),
    )


def verify(entries: Iterable[Entry]) -> int:
    """Walk a whole journal from its first entry; how many entries hold.

    Raises JournalBroken at the first entry that is missing, out of order, or not what was written.
    """
    previous, count = GENESIS, 0
    for entry in entries:
        count += 1
        draft = Draft(entry.event, entry.change_id, entry.subject, entry.actor, entry.data)
        if entry.seq != count:
            raise _broken(count, f"the next entry in the journal is number {entry.seq}: entries are missing")
        if entry.previous != previous:
            raise _broken(count, "it does not carry the hash of the entry before it")
        if entry.hash != _hash(draft, entry.seq, entry.at, previous):
            raise _broken(count, "its content was changed after it was written")
        previous = entry.hash
    return count


def _hash(draft: Draft, seq: int, at: str, previous: str) -> str:
    content = [previous, seq, at, draft.event, draft.change_id, draft.subject, draft.actor, draft.data]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON that is the same text for the same value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _broken(seq: int, what: str) -> JournalBroken:
    return JournalBroken(
        f"The journal does not hold at entry {seq}: {what}.",
        remedy=(
            "Entries before it are sound. Restore the journal from a copy and find out who wrote to it. "
            f"{BY_HAND}"
        ),
    )
