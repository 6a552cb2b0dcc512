"""What queues promise, whatever consumers do: every message is delivered, and ends as the rules say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from localedge.queues import table as queue_table
from localedge.queues.broker import Broker
from localedge.queues.messages import MessageTable
from localedge.queues.model import Consumer, ConsumerSettings, NewMessage, Queue
from localedge.queues.table import QueueTable
from localedge.runtime import BatchResult, EventBroken, EventMessage, NothingServes
from localedge.state import workers
from localedge.state.database import open_database
from localedge.state.model import Script
from localedge.state.workers import WorkerTable
from tests.localedge.client import RunningEdge
from tests.localedge.queue_workers import (
    add_consumer,
    deploy_consumer,
    make_queue,
    push,
    seen,
    wait_until,
    wait_until_empty,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MESSAGES = 12
JOBS = Queue("q", "jobs", "", "")
LETTERS = Queue("l", "letters", "", "")

verdicts = st.sampled_from(["ack", "retry", "nothing"])
ends = st.sampled_from(["ok", "ok", "exception", "ack_all", "retry_all", "broken", "nobody"])


class Consuming:
    """A consumer that does what it is told, batch by batch, and in the end acknowledges everything."""

    def __init__(self, plan: list[tuple[str, list[str]]]) -> None:
        self._plan = iter(plan)
        self.deliveries: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.sizes: list[int] = []
        self.together = 0
        self.most_together = 0

    async def deliver(
        self, script: str, queue: str, messages: Sequence[EventMessage], metrics: Mapping[str, int]
    ) -> BatchResult:
        assert (script, queue) == ("worker", "jobs")
        assert metrics["backlog_count"] >= len(messages)
        end, wishes = next(self._plan, ("ack_all", []))
        if end == "nobody":
            raise NothingServes(script)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await asyncio.sleep(0)
        self.together -= 1
        return self._result(end, wishes, messages)

    def _result(self, end: str, wishes: list[str], messages: Sequence[EventMessage]) -> BatchResult:
        self.sizes.append(len(messages))
        for message in messages:
            self.deliveries[message.body.decode()] += 1
            assert message.attempts == self.deliveries[message.body.decode()]
        told = {
            message: wish if end != "broken" else "nothing"
            for message, wish in zip(messages, [*wishes, *["nothing"] * len(messages)], strict=False)
        }
        fails = end in ("exception", "retry_all", "broken")
        for message, wish in told.items():
            if wish == "retry" or (wish == "nothing" and fails):
                self.failures[message.body.decode()] += 1
        if end == "broken":
            raise EventBroken(end)
        return BatchResult(
            outcome="exception" if end == "exception" else "ok",
            ack_all=end == "ack_all",
            retry_all=end == "retry_all",
            acks=frozenset(message.id for message, wish in told.items() if wish == "ack"),
            retries={message.id: None for message, wish in told.items() if wish == "retry"},
        )


@contextlib.contextmanager
def tables(settings: ConsumerSettings) -> Iterator[tuple[QueueTable, MessageTable]]:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "state.sqlite", (workers.SCHEMA, queue_table.SCHEMA))
        with contextlib.closing(database):
            WorkerTable(database).put_script(Script("worker", "tag", "", ""))
            queues = QueueTable(database)
            queues.put(JOBS)
            queues.put(LETTERS)
            queues.put_consumer(Consumer("c", "q", "worker", "letters", settings, ""))
            yield queues, MessageTable(database)


async def until_empty(broker: Broker, queues: QueueTable) -> None:
    async with asyncio.timeout(60), broker.running():
        for _ in iter(lambda: queues.backlog("q").count, 0):
            await asyncio.sleep(0.01)


@settings(max_examples=40, deadline=None)
@given(
    plan=st.lists(st.tuples(ends, st.lists(verdicts, max_size=5)), max_size=15).filter(
        lambda plan: [end for end, _ in plan].count("nobody") <= 1
    ),
    batch_size=st.integers(1, 5),
    max_retries=st.integers(0, 3),
    concurrency=st.integers(1, 3),
)
def test_every_message_is_delivered_and_ends_as_the_rules_say(
    plan: list[tuple[str, list[str]]], batch_size: int, max_retries: int, concurrency: int
) -> None:
    consumer = ConsumerSettings(
        batch_size=batch_size, max_retries=max_retries, max_wait_time_ms=0, max_concurrency=concurrency
    )
    bodies = [f"m{number}" for number in range(MESSAGES)]
    with tables(consumer) as (queues, messages):
        consuming = Consuming(plan)
        broker = Broker(queues, messages, consuming.deliver)
        broker.send(JOBS, [NewMessage(body.encode(), "text") for body in bodies])
        asyncio.run(until_empty(broker, queues))
        letters = {one.body.decode() for one in broker.peek(LETTERS, batch_size=100)}
    assert consuming.deliveries.keys() == set(bodies)
    assert max(consuming.sizes) <= batch_size
    assert consuming.most_together <= concurrency
    for body in bodies:
        gave_up = consuming.failures[body] > max_retries
        assert (body in letters) is gave_up
        assert consuming.deliveries[body] == consuming.failures[body] + (0 if gave_up else 1)


def test_an_edge_that_is_killed_in_a_batch_delivers_it_again(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    _, queue = make_queue(edge)
    deploy_consumer(edge, "worker")
    add_consumer(edge, queue, "worker", batch_size=5, max_concurrency=1, max_retries=0)
    push(
        edge, queue, *({"n": number, "wish": ["slow" if number % 5 == 0 else "ack"]} for number in range(10))
    )
    wait_until(lambda: len(seen(edge, "worker")) > 0)
    os.kill(edge.told["pid"], signal.SIGKILL)
    edge.http.close()
    edge = RunningEdge(tmp_path / "edge").start()
    try:
        wait_until_empty(edge, queue)
        numbers = [one["body"]["n"] for batch in seen(edge, "worker") for one in batch["messages"]]
    finally:
        edge.stop()
    assert set(numbers) == set(range(10))
    assert len(numbers) > 10


def test_a_version_that_is_killed_in_a_batch_gets_it_again(edge: RunningEdge, script: str) -> None:
    _, queue = make_queue(edge)
    deploy_consumer(edge, script)
    version = edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]["versions"]
    name = f"version-{version[0]['version_id']}"
    add_consumer(edge, queue, script, batch_size=5, max_concurrency=2)
    push(
        edge, queue, *({"n": number, "wish": ["slow" if number % 5 == 0 else "ack"]} for number in range(10))
    )
    wait_until(lambda: len(seen(edge, script)) == 2)
    os.kill(process_of(name), signal.SIGKILL)
    wait_until_empty(edge, queue)
    arrived = [
        (one["body"]["n"], one["attempts"]) for batch in seen(edge, script) for one in batch["messages"]
    ]
    assert {number for number, attempt in arrived if attempt == 2} == set(range(10))


def process_of(name: str) -> int:
    """The process that serves a version: workerd is given its configuration, which has the version's id."""
    version = name.removeprefix("version-").encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            config = Path(arguments[-2].decode()) if len(arguments) > 1 else Path()
            if config.name == "config.capnp" and version in config.read_bytes():
                return int(folder.name)
    message = f"no process has {name}"
    raise LookupError(message)
