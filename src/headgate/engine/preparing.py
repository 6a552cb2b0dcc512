"""Before a change runs: plan it, gate it, approve or reject it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Event
from headgate.gates import GateRequest
from headgate.gates.run import run_gates

if TYPE_CHECKING:
    from headgate.domain.moves import Move
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works


def plan(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Make the plan; a change that cannot be planned is rejected, and says why."""
    try:
        planned = works.kind_of(record).plan(record.change, works.tools)
    except HeadgateError as error:
        works.write(record, (Event.CHANGE_REJECTED, {"why": f"no plan can be made: {error}"}))
        return
    calls = works.tools.calls.take()
    said = {"plan": planned.as_json(), "digest": planned.digest, "calls": calls}
    works.write(record, (Event.CHANGE_PLANNED, said))


def gate(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Ask every gate of the kind; one that gives no answer counts as closed."""
    run = works.run_of(record)
    request = GateRequest(run.change, run.plan, works.tools)
    gates = [works.gates[name] for name in works.kind_of(record).gates]
    results = run_gates(gates, request, works.tools.clock)
    works.tools.calls.take()
    answers = [(Event.GATE_ANSWERED, {"result": result.as_json()}) for result in results]
    works.write(record, *answers, (Event.CHANGE_GATED, {}))


def approve(works: Works, record: ChangeRecord, _move: Move) -> None:
    """Nobody has to approve yet: passing every gate is enough, and the journal says so."""
    digest = works.run_of(record).plan.digest
    works.write(record, (Event.CHANGE_APPROVED, {"rule": "every gate let it through", "plan": digest}))


def reject(works: Works, record: ChangeRecord, move: Move) -> None:
    """Refuse the change."""
    works.write(record, (Event.CHANGE_REJECTED, {"why": move.why}))


def start(works: Works, record: ChangeRecord, _move: Move) -> None:
    """From here on there is something to undo."""
    works.write(record, (Event.CHANGE_RUNNING, {}))
