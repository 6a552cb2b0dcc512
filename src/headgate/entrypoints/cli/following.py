"""Following a change in the journal and showing it, while somebody carries it: this process or another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from headgate.domain.record import ChangeRecord, follow

if TYPE_CHECKING:
    from headgate.entrypoints.cli.context import Context
    from headgate.entrypoints.cli.showing import Show

TICK_SECONDS = 0.125


class Carrier(Protocol):
    """Whoever carries the change."""

    def wait(self, seconds: float, show: Show) -> bool:
        """Wait that long or less; whether the change is still being carried."""


def followed(
    context: Context, change_id: str, carrier: Carrier, show: Show, *, from_start: bool = True
) -> ChangeRecord:
    """Show the change until its carrier is done with it; how it stands then. Raises NotFound.

    Without `from_start`, entries that are there already are not shown once more.
    """
    following = context.application.follow(change_id)
    record: ChangeRecord | None = None
    shown = from_start
    with show:
        carried = True
        while carried:
            # Read after the waiting, so that what was written last is seen as well.
            carried = carrier.wait(TICK_SECONDS, show) if shown else True
            while entries := following.new_entries():
                for entry in entries:
                    record = follow(record, entry)
                    if shown:
                        show.entry(entry, record)
            if record is not None:
                show.tick(record)
            shown = True
    return record or following.record()
