"""A process that appends pairs of entries and says how many entries are there after each.

python -m tests.unit.store.journal_writer PATH CHANGE COUNT; the change `limited` gets 200 kB of file size.
"""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

from headgate.adapters.store.journal_sqlite import SqliteJournal
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Draft, Event
from tests.fakes.fixed_clock import FixedClock


def main(path: Path, change_id: str, count: int) -> None:
    if change_id == "limited":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    with SqliteJournal(path, FixedClock(), busy_timeout_seconds=30) as journal:
        for n in range(count):
            pair = [Draft(Event.WATCH_SAMPLED, change_id, "shop/production", "ci:x", {"n": n})] * 2
            print(journal.append(*pair)[-1].seq, flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    except HeadgateError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
