"""The broker: takes messages in, and hands them to Workers in batches or to whoever pulls them.

Each queue with a Worker as its consumer has one task that looks when the next batch is due. All that it
decides by is in the database, so it can end at any time and be taken up again.
(Miniflare's broker keeps messages in memory, drops those without a consumer, and knows its consumers only
from its configuration.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from localedge.errors import Throttled
from localedge.queues.codes import CODE_BACKLOG_FULL
from localedge.queues.model import Message, NewMessage, now_ms
from localedge.queues.rules import is_spent, settle, wait_seconds
from localedge.runtime import BatchResult, EventBroken, EventMessage, NothingServes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from localedge.queues.messages import MessageTable
    from localedge.queues.model import Consumer, Queue
    from localedge.queues.table import QueueTable

Deliver: TypeAlias = Callable[[str, str, Sequence[EventMessage], Mapping[str, int]], Awaitable[BatchResult]]
"""Hands a batch to a Worker: its name, the queue's name, the messages, the queue's metrics.

`EventBroken` when it broke off in the middle, `NothingServes` when nothing could be handed over.
"""

CONCURRENCY_DEFAULT = 10
"""For a consumer that leaves it to the platform, which goes up to 250."""
NOBODY_SECONDS = 1.0
TROUBLE_SECONDS = 1.0
SWEEP_SECONDS = 5.0
"""Nothing waits longer than this for what nobody tells: a Worker was deleted, messages are too old."""
BACKLOG_BYTES_MAX = 1024 * 1024 * 1024

log = logging.getLogger(__name__)


class Broker:
    """Sends, pulls, acknowledges; delivers between `running`'s begin and end."""

    def __init__(self, queues: QueueTable, messages: MessageTable, deliver: Deliver) -> None:
        self._queues = queues
        self._messages = messages
        self._deliver = deliver
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver until the end of the block; what is under way then is delivered again."""
        self._running = True
        for consumer in self._queues.consumers():
            self.wake(consumer.queue_id)
        try:
            yield
        finally:
            self._running = False
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, queue_id: str) -> None:
        """Look at the queue now: it, its consumer or its messages have changed."""
        if event := self._wakes.get(queue_id):
            event.set()
        elif self._running:
            self._wakes[queue_id] = asyncio.Event()
            self._tasks[queue_id] = asyncio.create_task(self._keep(queue_id), name=f"queue {queue_id}")

    def send(self, queue: Queue, messages: Sequence[NewMessage], *, delay_seconds: int | None = None) -> None:
        """Take messages in; they are on the disk when this returns. `Throttled` when the queue is full.

        `delay_seconds` goes before the queue's own delay, and behind one that a message has itself.
        """
        self._drop_expired(queue)
        size = sum(len(message.body) for message in messages)
        if self._queues.backlog(queue.id).size_bytes + size > BACKLOG_BYTES_MAX:
            message = f"Queue {queue.name} holds as much as it may; have its messages consumed, or purge it"
            raise Throttled(CODE_BACKLOG_FULL, message)
        delay = queue.settings.delivery_delay_seconds if delay_seconds is None else delay_seconds
        self._messages.add(queue.id, messages, delay_seconds=delay, now_ms=now_ms())
        self.wake(queue.id)

    def pull(self, queue: Queue, consumer: Consumer, *, batch_size: int, visibility_ms: int) -> list[Message]:
        """Lease messages to whoever asks, for so long. Those that were pulled too often are put aside."""
        now = now_ms()
        self._drop_expired(queue)
        while True:
            found = self._messages.peek(queue.id, limit=batch_size, now_ms=now)
            spent = [message for message in found if message.attempts > consumer.settings.max_retries]
            if not spent:
                return self._messages.take(
                    queue.id, limit=batch_size, now_ms=now, visible_ms=now + visibility_ms
                )
            self._put_aside(spent, consumer)

    def peek(self, queue: Queue, *, batch_size: int) -> list[Message]:
        """Messages that wait, left as they are."""
        return self._messages.peek(queue.id, limit=batch_size, now_ms=now_ms())

    def acknowledge(
        self, queue: Queue, consumer: Consumer, acks: Iterable[str], retries: Mapping[str, int | None]
    ) -> tuple[int, int, dict[str, str]]:
        """Finish what was pulled, by leases: how many are done with, how many come again, and warnings."""
        done = [message for lease in acks if (message := self._messages.leased(queue.id, lease))]
        again = [message for lease in retries if (message := self._messages.leased(queue.id, lease))]
        known = {message.lease for message in (*done, *again)}
        now = now_ms()
        spent = [message for message in again if is_spent(message, consumer.settings)]
        shown = [
            (message, now + 1000 * self._delay(retries, message, consumer))
            for message in again
            if message not in spent
        ]
        self._messages.finish(done=done, again=shown, now_ms=now)
        self._put_aside(spent, consumer)
        unknown = [lease for lease in (*acks, *retries) if lease not in known]
        return len(done), len(again), dict.fromkeys(unknown, "the lease has ended, or never was")

    def purge(self, queue: Queue) -> None:
        """Remove all messages, also those under way."""
        self._messages.drop_all(queue.id)

    def purge_some(self, queue: Queue, message_ids: Iterable[str]) -> list[str]:
        """Remove messages that wait; the ids of those that were not there."""
        return [one for one in message_ids if not self._messages.drop(queue.id, one)]

    @staticmethod
    def _delay(retries: Mapping[str, int | None], message: Message, consumer: Consumer) -> int:
        asked = retries.get(message.lease or "")
        return consumer.settings.retry_delay_seconds if asked is None else asked

    async def _keep(self, queue_id: str) -> None:
        """The queue's task: until it has no Worker as its consumer, whatever happens."""
        try:
            while True:
                if await self._served(queue_id):
                    break
                await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            del self._wakes[queue_id], self._tasks[queue_id]

    async def _served(self, queue_id: str) -> bool:
        """Serve to the end; False when it was the disk or the like that ended it."""
        try:
            self._messages.release_pushed(queue_id, now_ms=now_ms())
            await self._serve(queue_id)
        except* (sqlite3.Error, OSError):
            log.exception("queue %s: a delivery failed; beginning again", queue_id)
            return_value = False
        else:
            return_value = True
        return return_value

    async def _serve(self, queue_id: str) -> None:
        wake = self._wakes[queue_id]
        under_way: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as deliveries:
            while True:
                wake.clear()
                queue, consumer = self._queues.get(queue_id), self._queues.consumer_of(queue_id)
                if queue is None or consumer is None or consumer.script is None:
                    if not under_way:
                        return
                    wait = SWEEP_SECONDS
                else:
                    self._drop_expired(queue)
                    wait = self._wait_seconds(queue, consumer, len(under_way))
                    if wait == 0:
                        task = deliveries.create_task(self._deliver_batch(queue, consumer))
                        under_way.add(task)
                        task.add_done_callback(under_way.discard)
                        task.add_done_callback(lambda _: wake.set())
                        await asyncio.sleep(0)  # the task takes its messages before the next look
                        continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(wait, SWEEP_SECONDS)):
                        await wake.wait()

    def _wait_seconds(self, queue: Queue, consumer: Consumer, under_way: int) -> float:
        """How long until a batch can go; 0 for now."""
        concurrency = consumer.settings.max_concurrency or CONCURRENCY_DEFAULT
        if queue.settings.delivery_paused or under_way >= concurrency:
            return SWEEP_SECONDS
        now = now_ms()
        outlook = self._messages.outlook(queue.id, limit=consumer.settings.batch_size, now_ms=now)
        if outlook.ready:
            held = wait_seconds(outlook.ready, outlook.oldest_ready_ms, consumer.settings, now)
        else:
            held = SWEEP_SECONDS
        if held == 0 or outlook.next_ms is None:
            return held
        # One more message may fill the batch.
        return min(held, max(0.001, (outlook.next_ms - now) / 1000))

    async def _deliver_batch(self, queue: Queue, consumer: Consumer) -> None:
        batch = self._messages.take(queue.id, limit=consumer.settings.batch_size, now_ms=now_ms())
        if not batch or consumer.script is None:
            return
        metrics = self._queues.backlog(queue.id).metrics()
        events = [_event(message) for message in batch]
        try:
            result = await self._deliver(consumer.script, queue.name, events, metrics)
        except NothingServes:
            self._messages.give_back(batch, visible_ms=now_ms() + round(1000 * NOBODY_SECONDS))
            return
        except EventBroken as error:
            log.warning("queue %s: Worker %s broke a batch off: %s", queue.name, consumer.script, error)
            result = BatchResult("exception")
        settled = settle(batch, result, consumer.settings)
        now = now_ms()
        again = [(message, now + 1000 * delay) for message, delay in settled.again]
        self._messages.finish(done=settled.done, again=again, now_ms=now)
        self._put_aside(settled.failed, consumer)

    def _put_aside(self, messages: Sequence[Message], consumer: Consumer) -> None:
        """Move messages that failed for good to the dead letter queue; without one they are dropped."""
        if not messages:
            return
        letters = self._queues.named(consumer.dead_letter_queue)
        if letters is None:
            log.warning("queue %s: %d messages failed for good", consumer.queue_id, len(messages))
            self._messages.finish(done=messages, now_ms=now_ms())
            return
        moved = [(message, letters.id) for message in messages]
        self._messages.finish(moved=moved, now_ms=now_ms())
        self.wake(letters.id)

    def _drop_expired(self, queue: Queue) -> None:
        dropped = self._messages.drop_older(queue.id, now_ms() - 1000 * queue.settings.retention_seconds)
        if dropped:
            log.info("queue %s: %d messages were older than it keeps them", queue.name, dropped)


def _event(message: Message) -> EventMessage:
    return EventMessage(
        id=message.id,
        timestamp_ms=message.sent_ms,
        attempts=message.attempts,
        content_type=message.content_type,
        body=message.body,
    )
