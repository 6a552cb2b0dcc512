"""Carrying a change in this process: the work in a thread, the view and signals here."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NoReturn

from headgate.domain.change import ChangeKind
from headgate.domain.errors import NotFound
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.following import followed, last_seq
from headgate.entrypoints.cli.interrupts import Interrupts
from headgate.entrypoints.cli.showing import show_for

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context
    from headgate.entrypoints.cli.showing import Show


class Left(Exception):
    """Ctrl-C was pressed twice, or the process was told to end: the change is left as it is."""


def carried(context: Context, change_id: str, *, from_start: bool = True) -> ChangeRecord:
    """Carry a change to its end and show it meanwhile. Raises what carrying raises.

    Without `from_start`, what was written before is not shown once more. Ctrl-C asks the change to abort; a
    second one ends the process and leaves the change to the next command, and so do SIGTERM and SIGHUP.
    """
    # Looked up before the work begins, so that nothing of it is taken for old.
    after_seq = 0 if from_start else last_seq(context, change_id)
    with Interrupts() as interrupts:
        carrier = CarryingThread(context, change_id, interrupts)
        try:
            record = followed(context, change_id, carrier, show_for(context), after_seq=after_seq)
        except Left:
            _leave(context, change_id)
    carrier.raise_error()
    return record


class CarryingThread:
    """Carries a change in a thread of its own."""

    def __init__(self, context: Context, change_id: str, interrupts: Interrupts) -> None:
        self._context = context
        self._change_id = change_id
        self._interrupts = interrupts
        self._answered = 0
        self._error: BaseException | None = None
        # A daemon, because Python must not wait for it when something here fails: the journal has it all.
        self._thread = threading.Thread(target=self._carry, name=f"carry {change_id}", daemon=True)
        self._thread.start()

    def wait(self, seconds: float, show: Show) -> bool:
        self._thread.join(seconds)
        if self._interrupts.to_end and self._thread.is_alive():
            raise Left
        if self._interrupts.count > self._answered:
            self._answered += 1
            self._interrupted(show)
        return self._thread.is_alive()

    def raise_error(self) -> None:
        """Raise what the thread ended with, if it did."""
        if self._error is not None:
            raise self._error

    def _carry(self) -> None:
        try:
            self._context.application.carry(self._change_id)
        except BaseException as error:  # noqa: BLE001 - raised again where the command waits
            self._error = error

    def _interrupted(self, show: Show) -> None:
        if self._answered > 1:
            raise Left
        application = self._context.application
        if application.record(self._change_id).change.kind is ChangeKind.WORKER_ROLLBACK:
            show.say(
                "The traffic is moved back already. Ctrl-C again leaves the watching to the next command."
            )
            return
        show.say("Asked to abort: what was done is being undone. Ctrl-C again leaves it to the next command.")
        try:
            application.abort(self._change_id, why="stopped with Ctrl-C", author=self._context.actor)
        except NotFound:
            show.say("It has ended already.")


def _leave(context: Context, change_id: str) -> NoReturn:
    """End the process at once, as a kill would; what runs cannot be asked to stop any faster."""
    from headgate.bootstrap import end_programs

    tell_left(context, change_id)
    # Nothing may come in between: a smoke check that is killed must not pass for one that failed.
    end_programs()
    os._exit(ExitCode.INTERRUPTED)


def tell_left(context: Context, change_id: str) -> None:
    """Say that a change is left in the middle."""
    if context.json:
        context.give({"change": change_id, "outcome": None, "exit_code": int(ExitCode.INTERRUPTED)})
    context.note(
        f"headgate: left change {change_id} in the middle.\n"
        "  The next headgate command takes it up; `headgate resume` does only that."
    )
