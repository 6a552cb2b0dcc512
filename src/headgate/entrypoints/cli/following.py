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
    context: Context, change_id: str, carrier: Carrier, show: Show, *, after_seq: int = 0
) -> ChangeRecord:
    """Show the change until its carrier is done with it; how it stands then. Raises NotFound.

    Entries up to number `after_seq` are taken in without being shown.
    """
    following = context.application.follow(change_id)
    record: ChangeRecord | None = None
    with show:
        carried = True
        while carried:
            carried = carrier.wait(TICK_SECONDS, show)
            # Read after the waiting, so that what was written last is seen as well.
            while entries := following.new_entries():
                for entry in entries:
                    record = follow(record, entry)
                    if entry.seq > after_seq:
                        show.entry(entry, record)
            if record is not None:
                show.tick(record)
    return record or following.record()


def last_seq(context: Context, change_id: str) -> int:
    """The number of the newest entry of a change; 0 if there is none."""
    following, last = context.application.follow(change_id), 0
    while entries := following.new_entries():
        last = entries[-1].seq
    return last
