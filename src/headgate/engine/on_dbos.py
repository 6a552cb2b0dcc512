"""The durable workflow, on DBOS: the only module that imports it, and late, since it takes long to load.

One workflow carries one change, move by move; each move is a checkpointed step. After a kill, DBOS starts the
workflow again in the next engine, which goes on from what the journal says. What a move did before it was cut
off is found again by the move itself: every act converges.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Self, cast

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from headgate.domain.moves import Do
from headgate.engine.carriage import Carriage
from headgate.engine.mover import Mover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from headgate.engine.works import Works

QUEUE = "changes"
"""One change at a time for each service and environment: the queue is partitioned by them."""
POLL_SECONDS = 0.05
MOVES_MAX = 100_000
"""A change with a sample every five seconds for five days stays below this."""


class DurableEngine:
    """Carries changes in this process. Hold the folder's lock first: two engines on one folder are a fault.

    `folder` keeps the workflows' state. Use as a context manager; DBOS allows one at a time in a process.
    """

    def __init__(self, folder: Path, works: Works) -> None:
        DBOS(config=_config(folder))
        self._works = works
        self._carriages: defaultdict[str, Carriage] = defaultdict(Carriage)
        self._workflow = _workflow(works, self._carriages)

    def __enter__(self) -> Self:
        DBOS.launch()
        DBOS.register_queue(QUEUE, partition_concurrency=1, polling_interval_sec=POLL_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        DBOS.destroy(destroy_registry=True)

    def carry(self, change_id: str, *, partition: str) -> None:
        """Carry a change to its end, wherever it stands. Raises what a move raised."""
        attempts = DBOS.list_workflows(
            workflow_id_prefix=f"{change_id}.", load_input=False, load_output=False
        )
        if any(attempt.status in ("PENDING", "ENQUEUED") for attempt in attempts):
            # One was cut off and goes on by itself; if it had given up before, it only comes to its end.
            self._carriages[change_id].wait()
        if Mover(self._works, change_id).is_at_its_end():
            return
        self._carriages[change_id] = Carriage()
        attempt = SetWorkflowID(f"{change_id}.{len(attempts) + 1}")
        with attempt, SetEnqueueOptions(queue_partition_key=partition):
            DBOS.enqueue_workflow(QUEUE, self._workflow, change_id)
        self._carriages[change_id].wait()


def _workflow(works: Works, carriages: defaultdict[str, Carriage]) -> Callable[[str], str]:
    async def carry(change_id: str) -> str:
        carriage = carriages[change_id]
        carriage.begin()
        try:
            await _moves(Mover(works, change_id), carriage)
        except Exception as error:
            carriage.end(error)
            raise
        carriage.end()
        return change_id

    # DBOS's blocking calls are typed for plain functions, and run coroutines as well.
    return cast("Callable[[str], str]", DBOS.workflow(name="carry")(carry))


async def _moves(mover: Mover, carriage: Carriage) -> None:
    """Every move is a step that DBOS checkpoints."""

    def move() -> Do:
        try:
            return mover.move()
        except Exception as error:  # noqa: BLE001 - whatever it is, the carriage hands it over as it is
            # Raised here, DBOS would keep it, raise it again whenever the change is taken up, and wait for
            # ever to keep it on a disk that is full.
            carriage.end(error)
            return Do.STOP

    for _ in range(MOVES_MAX):
        if await DBOS.run_step_async({"name": "move"}, asyncio.to_thread, move) == Do.STOP:
            return
    raise RuntimeError(f"A change made {MOVES_MAX} moves without an end.")


def _config(folder: Path) -> DBOSConfig:
    return {
        "name": "headgate",
        "system_database_url": f"sqlite:///{folder / 'engine.sqlite'}",
        # Pinned: recovery finds interrupted work only under the same executor and version, and a new
        # release of Headgate has to take up what an older one left.
        "executor_id": "embedded",
        "application_version": "1",
        "serializer": DBOSPortableJSONSerializer(),
        "notification_listener_polling_interval_sec": POLL_SECONDS,
        "log_level": "CRITICAL",
        "enable_otlp": False,
    }
