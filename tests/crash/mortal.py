"""`python -m tests.crash.mortal N ARGUMENTS`: the command line, killed after its Nth write to the journal.

The kill (SIGKILL, which no code of ours can catch) falls between two steps, or between a step and the record
of it. The build is taken from the artifact store: what wrangler makes of the sources is not what is tested.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from headgate.adapters.store.journal_sqlite import SqliteJournal
from headgate.bootstrap import RealParts
from headgate.domain.journal import Event
from headgate.entrypoints.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.artifact import Bundle
    from headgate.domain.journal import Draft, Entry


def kill_after(writes: int) -> None:
    """Let this process die right after it has written to the journal so many times."""
    whole_append, left = SqliteJournal.append, writes

    def append(journal: SqliteJournal, *drafts: Draft) -> tuple[Entry, ...]:
        nonlocal left
        entries = whole_append(journal, *drafts)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return entries

    setattr(SqliteJournal, "append", append)  # noqa: B010 - it is no part of the class, and is not to be typed as one


def built_before(parts: RealParts, environments: Sequence[str]) -> Mapping[str, Bundle]:
    """The bundles of the newest release."""
    newest = parts.journal.recent("", Event.CHANGE_PROPOSED, limit=1)[0]
    bundles = newest.data["arguments"]["bundles"]
    return {environment: parts.artifacts.load(bundles[environment]) for environment in environments}


if __name__ == "__main__":
    kill_after(int(sys.argv[1]))
    setattr(RealParts, "build", built_before)  # noqa: B010 - see above
    sys.argv = ["headgate", *sys.argv[2:]]
    sys.exit(main())
