"""Asking gates, all at once. A gate that crashes, or does not answer in time, has failed."""

from __future__ import annotations

import threading
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from headgate.domain.errors import HeadgateError
from headgate.domain.gate import Finding, GateResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.gates import Gate, GateRequest
    from headgate.ports import Clock

LIMIT_SECONDS = 30.0
_MESSAGE_MAX = 300


class Rule(StrEnum):
    """What can be found about any gate."""

    GATE_CRASHED = "gate-crashed"
    GATE_TIMED_OUT = "gate-timed-out"


def run_gates(
    gates: Sequence[Gate], request: GateRequest, clock: Clock, *, limit_seconds: float = LIMIT_SECONDS
) -> tuple[GateResult, ...]:
    """Every gate's answer, in the order of the gates; each says in its facts how many `seconds` it took.

    The threads are daemons: one that hangs keeps nobody from ending the process.
    """
    askings = [_Asking(gate, request, clock) for gate in gates]
    deadline = clock.monotonic() + limit_seconds
    for asking in askings:
        asking.thread.start()
    for asking in askings:
        asking.thread.join(max(0.0, deadline - clock.monotonic()))
    return tuple(asking.answer or asking.unanswered(limit_seconds) for asking in askings)


class _Asking:
    """One gate being asked, in a thread of its own."""

    def __init__(self, gate: Gate, request: GateRequest, clock: Clock) -> None:
        self.gate = gate
        self.answer: GateResult | None = None
        self.thread = threading.Thread(target=self._ask, args=(request, clock), name=gate.name, daemon=True)

    def _ask(self, request: GateRequest, clock: Clock) -> None:
        began = clock.monotonic()
        try:
            result = self.gate.check(request)
        except Exception as error:  # noqa: BLE001 - whatever a gate raises, the change must not get through it
            result = self._crashed(error)
        seconds = round(clock.monotonic() - began, 3)
        self.answer = replace(result, facts={**(result.facts or {}), "seconds": seconds})

    def unanswered(self, limit_seconds: float) -> GateResult:
        """What stands for the answer that did not come."""
        if not self.thread.is_alive():
            return self._crashed(RuntimeError("it ended without an answer"))
        what = f"The gate {self.gate.name} gave no answer within {limit_seconds:g} s."
        remedy = "Look whether the platform answers (`headgate doctor`), then try again."
        finding = Finding(Rule.GATE_TIMED_OUT, Verdict.FAIL, what, remedy=remedy)
        return GateResult(self.gate.name, f"no answer within {limit_seconds:g} s", (finding,))

    def _crashed(self, error: Exception) -> GateResult:
        said = error if isinstance(error, HeadgateError) else _unforeseen(error)
        what = f"The gate {self.gate.name} could not answer. {said.what}"
        finding = Finding(Rule.GATE_CRASHED, Verdict.FAIL, what, said.where, said.remedy)
        return GateResult(self.gate.name, "no answer: the gate crashed", (finding,))


def _unforeseen(error: Exception) -> HeadgateError:
    return HeadgateError(
        f"{type(error).__name__}: {str(error)[:_MESSAGE_MAX]}",
        remedy="Try again; if it stays, report it as a bug of Headgate.",
    )
