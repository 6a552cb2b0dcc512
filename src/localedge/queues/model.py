"""A queue, its consumer and its messages, as plain values. Times ending in `_ms` are since 1970, UTC."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

ContentType = Literal["text", "json", "bytes", "v8"]
CONTENT_TYPES: tuple[ContentType, ...] = ("text", "json", "bytes", "v8")

DELAY_SECONDS_MAX = 86_400
RETENTION_SECONDS_DEFAULT = 345_600
MESSAGE_BYTES_MAX = 128_000
BATCH_BYTES_MAX = 256_000
BATCH_MESSAGES_MAX = 100


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """What holds for all messages of a queue. The defaults are the platform's."""

    delivery_delay_seconds: int = 0
    delivery_paused: bool = False
    retention_seconds: int = RETENTION_SECONDS_DEFAULT


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, known to Workers by its name and to the API by its id."""

    id: str
    name: str
    created_on: str
    modified_on: str
    settings: QueueSettings = field(default_factory=QueueSettings)
    purged_on: str | None = None


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """How messages are handed over. The defaults are the platform's; `max_concurrency` None lets us choose.

    `visibility_timeout_ms` is of `http_pull` consumers alone, `max_wait_time_ms` and `max_concurrency` of
    Workers.
    """

    batch_size: int = 10
    max_retries: int = 3
    max_wait_time_ms: int = 5_000
    max_concurrency: int | None = None
    retry_delay_seconds: int = 0
    visibility_timeout_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who takes a queue's messages: a Worker, or with `script` None whoever pulls them over HTTP."""

    id: str
    queue_id: str
    script: str | None
    dead_letter_queue: str
    settings: ConsumerSettings
    created_on: str

    @property
    def type(self) -> str:
        return "http_pull" if self.script is None else "worker"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it is sent. `delay_seconds` None takes the queue's own delay."""

    body: bytes
    content_type: ContentType
    delay_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a queue. `attempts` are the deliveries so far, one that is under way included."""

    place: int
    id: str
    body: bytes
    content_type: ContentType
    sent_ms: int
    attempts: int
    lease: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a queue holds, messages on their way to a consumer included; `oldest_ms` is 0 when it is empty."""

    count: int
    size_bytes: int
    oldest_ms: int

    def metrics(self) -> dict[str, int]:
        """As the API tells it."""
        return {
            "backlog_count": self.count,
            "backlog_bytes": self.size_bytes,
            "oldest_message_timestamp_ms": self.oldest_ms,
        }


def now_ms() -> int:
    """The time now."""
    return time.time_ns() // 1_000_000
