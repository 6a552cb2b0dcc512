"""Asking gates: a gate without an answer fails closed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import PlatformUnreachable
from headgate.domain.gate import GateResult, Verdict, lets_through
from headgate.gates.run import run_gates
from tests.unit.gates.stage import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from headgate.gates import Gate, GateRequest
    from tests.unit.gates.stage import Stage


@dataclass
class Does:
    """A gate that does as it is told."""

    name: str
    act: Callable[[], GateResult]

    def check(self, request: GateRequest) -> GateResult:
        return self.act()


def _says(name: str) -> Gate:
    return Does(name, lambda: GateResult(name, "well", facts={"seen": 1}))


def _raises(error: BaseException) -> Gate:
    def act() -> GateResult:
        raise error

    return Does("broken", act)


def test_answers_come_in_the_order_of_the_gates_with_their_seconds(stage: Stage) -> None:
    results = run_gates([_says("b"), _says("a")], stage.request(), stage.clock)

    assert [result.gate for result in results] == ["b", "a"]
    assert results[0].facts == {"seen": 1, "seconds": 0.0}


def test_without_gates_there_are_no_answers_and_nothing_gets_through(stage: Stage) -> None:
    assert not lets_through(run_gates([], stage.request(), stage.clock))


@pytest.mark.parametrize(
    "error", [RuntimeError("it is broken"), MemoryError(), RecursionError(), KeyError("x")]
)
def test_a_gate_that_crashes_has_failed_and_says_how(stage: Stage, error: Exception) -> None:
    broken, well = run_gates([_raises(error), _says("well")], stage.request(), stage.clock)

    assert rules(broken) == ["gate-crashed"]
    assert type(error).__name__ in broken.findings[0].what
    assert broken.verdict is Verdict.FAIL
    assert well.verdict is Verdict.PASS
    assert not lets_through([broken, well])


def test_a_known_error_keeps_its_place_and_remedy(stage: Stage) -> None:
    error = PlatformUnreachable("No answer came.", where="api.example", remedy="Look at the network.")

    (result,) = run_gates([_raises(error)], stage.request(), stage.clock)

    finding = result.findings[0]
    assert finding.what == "The gate broken could not answer. No answer came."
    assert (finding.where, finding.remedy) == ("api.example", "Look at the network.")


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_gate_that_ends_its_thread_has_failed(stage: Stage, error: BaseException) -> None:
    (result,) = run_gates([_raises(error)], stage.request(), stage.clock)

    assert rules(result) == ["gate-crashed"]


def test_a_gate_that_hangs_has_failed_and_holds_nobody_up(stage: Stage) -> None:
    forever = threading.Event()

    def hang() -> GateResult:
        forever.wait(60)
        return GateResult("hangs", "too late")

    began = time.monotonic()
    hangs, well = run_gates(
        [Does("hangs", hang), _says("well")], stage.request(), stage.clock, limit_seconds=0.05
    )
    forever.set()

    assert time.monotonic() - began < 5
    assert rules(hangs) == ["gate-timed-out"]
    assert "0.05 s" in hangs.findings[0].what
    assert well.verdict is Verdict.PASS


def test_gates_are_asked_at_the_same_time(stage: Stage) -> None:
    """Each waits for the other: one after the other they would never end."""
    meeting = threading.Barrier(3, timeout=10)

    def meet() -> GateResult:
        meeting.wait()
        return GateResult("meets", "met")

    results = run_gates([Does("meets", meet)] * 3, stage.request(), stage.clock)

    assert [result.summary for result in results] == ["met"] * 3
