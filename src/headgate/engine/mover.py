"""Making moves: one at a time, each written into the journal before the next is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.moves import Do, Move, next_move
from headgate.engine import closing, preparing, stepping
from headgate.engine.following import Following
from headgate.engine.watching import asking, ending, starting
from headgate.engine.watching.looking import Looking

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works

_ACTS: Mapping[Do, Callable[[Works, ChangeRecord, Move], None]] = {
    Do.PLAN: preparing.plan,
    Do.GATE: preparing.gate,
    Do.APPROVE: preparing.approve,
    Do.REJECT: preparing.reject,
    Do.START: preparing.start,
    Do.STEP: stepping.step,
    Do.MARK_VERIFIED: stepping.mark_verified,
    Do.BEGIN_UNDO: stepping.begin_undo,
    Do.UNDO: stepping.undo,
    Do.MARK_ROLLED_BACK: stepping.mark_rolled_back,
    Do.START_WATCH: starting.start_watch,
    Do.ASK: asking.ask,
    Do.PASS_STAGE: ending.pass_stage,
    Do.MARK_WATCHED: ending.mark_watched,
    Do.MARK_GOOD: ending.mark_good,
    Do.CHECK_ROLLBACK: ending.check_rollback,
    Do.DOCUMENT: closing.document,
    Do.HAND_OFF: closing.hand_off,
    Do.NOTIFY: closing.notify,
    Do.CLOSE: closing.close,
}


class Mover:
    """Carries one change forward."""

    def __init__(self, works: Works, change_id: str) -> None:
        self._works = works
        self._following = Following(works.tools.journal, change_id)
        self._looking = Looking()

    def move(self) -> Do:
        """Make the next move; which one it was. STOP means that there was none to make."""
        record = self._following.record()
        move = next_move(record)
        if move.do is Do.SAMPLE:
            self._looking.sample(self._works, record, move)
        elif move.do is not Do.STOP:
            _ACTS[move.do](self._works, record, move)
        return move.do

    def is_at_its_end(self) -> bool:
        """Whether nothing is left to do: it ended, or a person is needed."""
        return next_move(self._following.record()).do is Do.STOP

    def move_up_to(self, last: Do) -> None:
        """Make moves until `last` would be next, or nothing is left to do.

        It ends: every change comes to STOP, because each move takes it on in its life.
        """
        while next_move(self._following.record()).do not in (last, Do.STOP):
            self.move()
