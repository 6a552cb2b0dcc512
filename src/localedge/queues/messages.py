"""Messages in the database. What is committed here survives the edge: at least one delivery is promised.

A message is taken by giving it a lease: it is not visible until the lease ends. A push to a Worker has no
such end; `release_pushed` gives back what an edge that was killed had under way.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from localedge.queues.model import BATCH_BYTES_MAX, Message
from localedge.state.database import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from localedge.queues.model import NewMessage

NEVER_MS = 2**62
PUSHED = "push"
COLUMNS = "place, id, body, content_type, sent_ms, attempts, lease"


class Outlook(NamedTuple):
    """How many messages can be taken now, up to a limit, since when, and when the next one can be."""

    ready: int
    oldest_ready_ms: int
    next_ms: int | None


class MessageTable:
    """Reads and writes. One call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, queue_id: str, messages: Sequence[NewMessage], *, delay_seconds: int, now_ms: int) -> None:
        """Messages without a delay of their own wait so many seconds."""
        rows = [
            (
                queue_id,
                uuid.uuid4().hex,
                message.body,
                message.content_type,
                now_ms,
                now_ms,
                now_ms + 1000 * (delay_seconds if message.delay_seconds is None else message.delay_seconds),
            )
            for message in messages
        ]
        with transaction(self._db):
            self._db.executemany(
                "INSERT INTO queue_messages (queue_id, id, body, content_type, sent_ms, arrived_ms,"
                " visible_ms, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                rows,
            )

    def outlook(self, queue_id: str, *, limit: int, now_ms: int) -> Outlook:
        ready, oldest = self._db.execute(
            "SELECT count(*), min(visible_ms) FROM (SELECT visible_ms FROM queue_messages"
            " WHERE queue_id = ? AND visible_ms <= ? ORDER BY visible_ms LIMIT ?)",
            (queue_id, now_ms, limit),
        ).fetchone()
        (coming,) = self._db.execute(
            "SELECT min(visible_ms) FROM queue_messages"
            " WHERE queue_id = ? AND visible_ms > ? AND visible_ms < ?",
            (queue_id, now_ms, NEVER_MS),
        ).fetchone()
        return Outlook(ready, oldest or 0, coming)

    def peek(self, queue_id: str, *, limit: int, now_ms: int) -> list[Message]:
        """Those that have been visible longest."""
        query = (
            f"SELECT {COLUMNS} FROM queue_messages WHERE queue_id = ? AND visible_ms <= ?"  # noqa: S608
            " ORDER BY visible_ms, place LIMIT ?"
        )
        return [_message(row) for row in self._db.execute(query, (queue_id, now_ms, limit))]

    def take(self, queue_id: str, *, limit: int, now_ms: int, visible_ms: int | None = None) -> list[Message]:
        """Lease messages, as many as a batch's bytes allow: for a push, or until `visible_ms`."""
        found = _within_bytes(self.peek(queue_id, limit=limit, now_ms=now_ms))
        leases = [PUSHED if visible_ms is None else uuid.uuid4().hex for _ in found]
        until = NEVER_MS if visible_ms is None else visible_ms
        with transaction(self._db):
            self._db.executemany(
                "UPDATE queue_messages SET lease = ?, visible_ms = ?, attempts = attempts + 1"
                " WHERE place = ?",
                [(lease, until, message.place) for lease, message in zip(leases, found, strict=True)],
            )
        return [
            replace(message, attempts=message.attempts + 1, lease=lease)
            for lease, message in zip(leases, found, strict=True)
        ]

    def leased(self, queue_id: str, lease: str) -> Message | None:
        """The message that was pulled with this lease, if it still holds it."""
        query = f"SELECT {COLUMNS} FROM queue_messages WHERE lease = ? AND queue_id = ?"  # noqa: S608
        row = None if lease == PUSHED else self._db.execute(query, (lease, queue_id)).fetchone()
        return row and _message(row)

    def finish(
        self,
        *,
        done: Iterable[Message] = (),
        again: Iterable[tuple[Message, int]] = (),
        moved: Iterable[tuple[Message, str]] = (),
        now_ms: int,
    ) -> None:
        """In one transaction: drop, show again at a time in ms, move to another queue as if new there."""
        with transaction(self._db):
            self._db.executemany(
                "DELETE FROM queue_messages WHERE place = ?", [(message.place,) for message in done]
            )
            self._db.executemany(
                "UPDATE queue_messages SET lease = NULL, visible_ms = ? WHERE place = ?",
                [(visible_ms, message.place) for message, visible_ms in again],
            )
            self._db.executemany(
                "UPDATE queue_messages SET queue_id = ?, lease = NULL, arrived_ms = ?, visible_ms = ?,"
                " attempts = 0 WHERE place = ?",
                [(queue_id, now_ms, now_ms, message.place) for message, queue_id in moved],
            )

    def give_back(self, messages: Iterable[Message], *, visible_ms: int) -> None:
        """Messages that never reached their consumer: the attempt does not count."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE queue_messages SET lease = NULL, visible_ms = ?, attempts = attempts - 1"
                " WHERE place = ?",
                [(visible_ms, message.place) for message in messages],
            )

    def release_pushed(self, queue_id: str, *, now_ms: int) -> None:
        """Give back what was on its way to a Worker when the edge ended: the Worker did not fail."""
        self._db.execute(
            "UPDATE queue_messages SET lease = NULL, visible_ms = ?, attempts = attempts - 1"
            " WHERE lease = ? AND queue_id = ?",
            (now_ms, PUSHED, queue_id),
        )

    def drop(self, queue_id: str, message_id: str) -> bool:
        """Remove one message that waits; whether it was there."""
        query = "DELETE FROM queue_messages WHERE queue_id = ? AND id = ? AND lease IS NOT ?"
        return self._db.execute(query, (queue_id, message_id, PUSHED)).rowcount > 0

    def drop_all(self, queue_id: str) -> None:
        self._db.execute("DELETE FROM queue_messages WHERE queue_id = ?", (queue_id,))

    def drop_older(self, queue_id: str, arrived_ms: int) -> int:
        """Remove what came before that and is not under way; how many there were."""
        query = "DELETE FROM queue_messages WHERE queue_id = ? AND arrived_ms < ? AND lease IS NOT ?"
        return self._db.execute(query, (queue_id, arrived_ms, PUSHED)).rowcount


def _within_bytes(messages: Sequence[Message]) -> list[Message]:
    """The first of them that make up a batch; at least one."""
    taken: list[Message] = []
    size = 0
    for message in messages:
        size += len(message.body)
        if taken and size > BATCH_BYTES_MAX:
            break
        taken.append(message)
    return taken


def _message(row: sqlite3.Row) -> Message:
    return Message(**dict(row))
