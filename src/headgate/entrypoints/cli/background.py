"""Starting a `headgate resume` that outlives the command which starts it."""

from __future__ import annotations

import os
import subprocess
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
    command = [sys.executable, "-m", "headgate", "resume", "--project", str(project), "--no-color"]
    try:
        with log.open("ab") as output:
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=project,
                env={**os.environ, **context.environ},
                # Its own session: it goes on when the terminal is closed.
                start_new_session=True,
            )
    except OSError as error:
        raise HeadgateError(
            f"An interrupted change cannot be taken up: {error.strerror}.",
            where=str(log),
            remedy="Run `headgate resume` yourself.",
        ) from error
    return log
