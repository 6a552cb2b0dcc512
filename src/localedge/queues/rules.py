"""What becomes of a batch's messages, as decisions without acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localedge.queues.model import ConsumerSettings, Message
    from localedge.runtime import BatchResult


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of each message: done with, again after so many seconds, or failed for good."""

    done: tuple[Message, ...]
    again: tuple[tuple[Message, int], ...]
    failed: tuple[Message, ...]


def settle(batch: Sequence[Message], result: BatchResult, settings: ConsumerSettings) -> Settled:
    """What a handler said of a batch, applied. A call for one message goes before one for the whole batch.

    https://developers.cloudflare.com/queues/configuration/batching-retries/
    """
    delays = {message.id: _retry_delay_seconds(message, result, settings) for message in batch}
    kept = [(message, delay) for message in batch if (delay := delays[message.id]) is not None]
    return Settled(
        done=tuple(message for message in batch if delays[message.id] is None),
        again=tuple((message, delay) for message, delay in kept if not is_spent(message, settings)),
        failed=tuple(message for message, _ in kept if is_spent(message, settings)),
    )


def is_spent(message: Message, settings: ConsumerSettings) -> bool:
    """Whether a message that has failed so often does not come again."""
    return message.attempts > settings.max_retries


def _retry_delay_seconds(message: Message, result: BatchResult, settings: ConsumerSettings) -> int | None:
    """In how many seconds the message comes again; None if it is done with."""
    if message.id in result.acks:
        return None
    if message.id in result.retries:
        asked = result.retries[message.id]
    elif result.ack_all or (result.outcome == "ok" and not result.retry_all):
        return None
    else:
        asked = result.retry_all_delay_seconds
    return settings.retry_delay_seconds if asked is None else asked


def wait_seconds(ready: int, oldest_ready_ms: int, settings: ConsumerSettings, now_ms: int) -> float:
    """How long a batch of `ready` messages is held back for more to come; 0 when it can go."""
    if ready >= settings.batch_size:
        return 0.0
    return max(0.0, (oldest_ready_ms + settings.max_wait_time_ms - now_ms) / 1000)
