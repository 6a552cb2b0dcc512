"""The durable workflow, on DBOS: the only module that imports it, and late, since it takes long to load.

One workflow carries one change, move by move; each move is a checkpointed step. After a kill, DBOS starts the
workflow again in the next engine, which goes on from what the journal says. What a move did before it was cut
off is found again by the move itself: every act converges.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self, cast

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from headgate.domain.moves import Do
from headgate.engine.mover import Mover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from dbos import WorkflowHandle

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
        self._workflow = _workflow(works)

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
        self._handle(change_id, partition).get_result(polling_interval_sec=POLL_SECONDS)

    def _handle(self, change_id: str, partition: str) -> WorkflowHandle[str]:
        """The workflow that carries the change: one that was cut off, or else a new one."""
        earlier = DBOS.list_workflows(workflow_id_prefix=f"{change_id}.", load_input=False, load_output=False)
        for workflow in earlier:
            if workflow.status in ("PENDING", "ENQUEUED"):
                return DBOS.retrieve_workflow(workflow.workflow_id)
        with (
            SetWorkflowID(f"{change_id}.{len(earlier) + 1}"),
            SetEnqueueOptions(queue_partition_key=partition),
        ):
            return DBOS.enqueue_workflow(QUEUE, self._workflow, change_id)


def _workflow(works: Works) -> Callable[[str], str]:
    async def carry(change_id: str) -> str:
        mover = Mover(works, change_id)
        for _ in range(MOVES_MAX):
            did = await DBOS.run_step_async({"name": "move"}, asyncio.to_thread, mover.move)
            if did == Do.STOP:
                return change_id
        raise RuntimeError(f"Change {change_id} made {MOVES_MAX} moves without an end.")

    # DBOS's blocking calls are typed for plain functions, and run coroutines as well.
    return cast("Callable[[str], str]", DBOS.workflow(name="carry")(carry))


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
