"""Queues and their consumers in the database."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from typing import TYPE_CHECKING

from localedge.errors import CODE_QUEUE_MISSING, Invalid
from localedge.queues.model import Backlog, Consumer, ConsumerSettings, Queue, QueueSettings
from localedge.state.schema import Schema

if TYPE_CHECKING:
    from localedge.state.model import Binding

SCHEMA = Schema(
    "queues",
    (
        """
CREATE TABLE queues (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_on TEXT NOT NULL, modified_on TEXT NOT NULL,
    settings TEXT NOT NULL, purged_on TEXT, backlog_count INTEGER NOT NULL, backlog_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE queue_consumers (
    id TEXT PRIMARY KEY, queue_id TEXT NOT NULL UNIQUE REFERENCES queues ON DELETE CASCADE,
    script TEXT REFERENCES scripts ON DELETE CASCADE, dead_letter_queue TEXT NOT NULL, settings TEXT NOT NULL,
    created_on TEXT NOT NULL
) STRICT;
CREATE TABLE queue_messages (
    place INTEGER PRIMARY KEY AUTOINCREMENT, -- never given to another message
    queue_id TEXT NOT NULL REFERENCES queues ON DELETE CASCADE, id TEXT NOT NULL, body BLOB NOT NULL,
    content_type TEXT NOT NULL, sent_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, lease TEXT
) STRICT;
CREATE INDEX queue_messages_by_visibility ON queue_messages (queue_id, visible_ms);
CREATE INDEX queue_messages_by_age ON queue_messages (queue_id, arrived_ms);
CREATE INDEX queue_messages_by_lease ON queue_messages (lease) WHERE lease IS NOT NULL;
CREATE TRIGGER queue_grows AFTER INSERT ON queue_messages BEGIN
    UPDATE queues SET backlog_count = backlog_count + 1, backlog_bytes = backlog_bytes + length(new.body)
    WHERE id = new.queue_id;
END;
CREATE TRIGGER queue_shrinks AFTER DELETE ON queue_messages BEGIN
    UPDATE queues SET backlog_count = backlog_count - 1, backlog_bytes = backlog_bytes - length(old.body)
    WHERE id = old.queue_id;
END;
CREATE TRIGGER queue_gives_away AFTER UPDATE OF queue_id ON queue_messages BEGIN
    UPDATE queues SET backlog_count = backlog_count - 1, backlog_bytes = backlog_bytes - length(old.body)
    WHERE id = old.queue_id;
    UPDATE queues SET backlog_count = backlog_count + 1, backlog_bytes = backlog_bytes + length(new.body)
    WHERE id = new.queue_id;
END;
""",
    ),
)


class NameTaken(Exception):
    """Another queue has this name."""


class QueueTable:
    """Reads and writes. One call that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[Queue]:
        """By name."""
        return [_queue(row) for row in self._db.execute("SELECT * FROM queues ORDER BY name")]

    def get(self, queue_id: str) -> Queue | None:
        row = self._db.execute("SELECT * FROM queues WHERE id = ?", (queue_id,)).fetchone()
        return row and _queue(row)

    def named(self, name: str) -> Queue | None:
        row = self._db.execute("SELECT * FROM queues WHERE name = ?", (name,)).fetchone()
        return row and _queue(row)

    def put(self, queue: Queue) -> None:
        """Add or change; `NameTaken` when another has that name."""
        query = (
            "INSERT INTO queues VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, modified_on = excluded.modified_on, settings = excluded.settings,"
            " purged_on = excluded.purged_on"
        )
        settings = json.dumps(dataclasses.asdict(queue.settings))
        values = (queue.id, queue.name, queue.created_on, queue.modified_on, settings, queue.purged_on)
        try:
            self._db.execute(query, values)
        except sqlite3.IntegrityError as error:
            raise NameTaken(queue.name) from error

    def delete(self, queue_id: str) -> None:
        """The queue with its consumer and all its messages."""
        self._db.execute("DELETE FROM queues WHERE id = ?", (queue_id,))

    def backlog(self, queue_id: str) -> Backlog:
        """What the queue holds; nothing, if it is not there."""
        query = (
            "SELECT backlog_count, backlog_bytes,"
            " (SELECT min(arrived_ms) FROM queue_messages WHERE queue_id = id) FROM queues WHERE id = ?"
        )
        count, size, oldest = self._db.execute(query, (queue_id,)).fetchone() or (0, 0, None)
        return Backlog(count, size, oldest or 0)

    def consumers(self) -> list[Consumer]:
        return [_consumer(row) for row in self._db.execute("SELECT * FROM queue_consumers")]

    def consumer_of(self, queue_id: str) -> Consumer | None:
        """The queue's only consumer."""
        row = self._db.execute("SELECT * FROM queue_consumers WHERE queue_id = ?", (queue_id,)).fetchone()
        return row and _consumer(row)

    def put_consumer(self, consumer: Consumer) -> None:
        """Add or change the consumer of a queue that is there, with a Worker that is there."""
        self._db.execute(
            "INSERT OR REPLACE INTO queue_consumers VALUES (?, ?, ?, ?, ?, ?)",
            (
                consumer.id,
                consumer.queue_id,
                consumer.script,
                consumer.dead_letter_queue,
                json.dumps(dataclasses.asdict(consumer.settings)),
                consumer.created_on,
            ),
        )

    def delete_consumer(self, consumer_id: str) -> None:
        self._db.execute("DELETE FROM queue_consumers WHERE id = ?", (consumer_id,))

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the queue that is bound is not there."""
        name = binding.get("queue_name")
        if self.named(str(name)) is None:
            message = f"binding {binding['name']!r}: Queue {str(name)!r} does not exist; create it first"
            raise Invalid(CODE_QUEUE_MISSING, message)


def _queue(row: sqlite3.Row) -> Queue:
    return Queue(
        id=row["id"],
        name=row["name"],
        created_on=row["created_on"],
        modified_on=row["modified_on"],
        settings=QueueSettings(**json.loads(row["settings"])),
        purged_on=row["purged_on"],
    )


def _consumer(row: sqlite3.Row) -> Consumer:
    return Consumer(
        id=row["id"],
        queue_id=row["queue_id"],
        script=row["script"],
        dead_letter_queue=row["dead_letter_queue"],
        settings=ConsumerSettings(**json.loads(row["settings"])),
        created_on=row["created_on"],
    )
