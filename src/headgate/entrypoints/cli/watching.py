"""Following a change that another process carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli.following import followed
from headgate.entrypoints.cli.showing import show_for

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context
    from headgate.entrypoints.cli.showing import Show

PATIENCE_SECONDS = 20.0
"""How long nobody may carry the change before the watching ends: taking it up takes some seconds."""


def watched(context: Context, change_id: str, *, every_entry: bool = False) -> ChangeRecord:
    """Show a change until it has ended, or until nobody carries it any more."""
    carrier = SomebodyElse(context, change_id)
    return followed(context, change_id, carrier, show_for(context, every_entry=every_entry))


class SomebodyElse:
    """Another process, seen by its lock on the project's folder."""

    def __init__(self, context: Context, change_id: str) -> None:
        self._context = context
        self._change_id = change_id
        self._patience_seconds = PATIENCE_SECONDS

    def wait(self, seconds: float, show: Show) -> bool:
        application = self._context.application
        if self._change_id in application.running():
            self._patience_seconds = PATIENCE_SECONDS
        elif self._change_id in application.interrupted():
            self._patience_seconds -= seconds
        else:
            return False
        self._context.clock.sleep(seconds)
        return self._patience_seconds > 0
