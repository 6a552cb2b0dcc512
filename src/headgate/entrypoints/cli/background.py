"""Starting a `headgate resume` that outlives the command which starts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from headgate.entrypoints.cli.context import Context


def resume_in_background(context: Context) -> Path:
    """Start it; the file that it writes to. Raises HeadgateError where it cannot be started."""
    project = Path(context.settings.project)
    log = project / ".headgate" / "resume.log"
    command = [sys.executable, "-P", "-m", "headgate", "resume", "--project", str(project), "--no-color"]
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        # Its own session: it goes on when the terminal is closed. Nobody waits for it.
        os.posix_spawn(sys.executable, command, os.environ, file_actions=streams, setsid=True)
    except OSError as error:
        raise HeadgateError(
            f"An interrupted change cannot be taken up in the background: {error.strerror}.",
            where=str(log),
            remedy="Run `headgate resume` yourself.",
        ) from error
    return log
