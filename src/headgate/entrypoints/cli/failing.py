"""What is printed, and which exit code given, when a command raises."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.domain.errors import ConfigError, HeadgateError
from headgate.entrypoints.cli.exit_codes import ExitCode, of_error

if TYPE_CHECKING:
    from headgate.entrypoints.cli.context import Context


def answer(error: BaseException, context: Context) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, HeadgateError):
        return explain(error, context)
    if isinstance(error, KeyboardInterrupt):
        return _stopped(context)
    if isinstance(error, Exception):
        return _bug(error, context)
    raise error


def explain(error: HeadgateError, context: Context) -> int:
    """An error that people can act on: what, where, remedy."""
    code = of_error(error)
    if context.json:
        context.give({"error": as_json(error), "exit_code": int(code)})
    else:
        context.note("\n".join(lines(error, context)))
    return code


def as_json(error: HeadgateError) -> dict[str, object]:
    """The error as data; with several mistakes of a configuration, each of them."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "remedy": error.remedy,
        "problems": [as_json(problem) for problem in problems],
    }


def lines(error: HeadgateError, context: Context) -> list[str]:
    """The error in up to three lines, and three more for each of several mistakes."""
    ink = context.err_ink
    told = [ink.bad("headgate: ") + error.what]
    told += [f"  at {error.where}"] if error.where else []
    problems = error.problems if isinstance(error, ConfigError) and len(error.problems) > 1 else ()
    for problem in problems:
        told += [f"  {problem.where}: {problem.what}"]
        told += [f"    {ink.dim(problem.remedy)}"] if problem.remedy else []
    return told + ([f"  {error.remedy}"] if error.remedy else [])


def _stopped(context: Context) -> int:
    if context.json:
        context.give({"error": {"kind": "Stopped", "what": "Stopped."}, "exit_code": int(ExitCode.STOPPED)})
    else:
        context.note("\nheadgate: stopped.")
    return ExitCode.STOPPED


def _bug(error: Exception, context: Context) -> int:
    import traceback

    trace = "".join(traceback.format_exception(error))
    what = f"a bug in Headgate: {type(error).__name__}: {error}"
    where = _written(trace, context.folder)
    if context.json:
        context.give({"error": {"kind": "Bug", "what": what, "where": where}, "exit_code": int(ExitCode.BUG)})
        return ExitCode.BUG
    context.note(f"{context.err_ink.bad('headgate: ')}{what}")
    context.note(f"  at {where}" if where else "  (the traceback could not be written)")
    context.note(
        "  Please report it with that file. A change that was running is taken up by the next command."
    )
    if context.verbose or not where:
        context.note(trace)
    return ExitCode.BUG


def _written(trace: str, project: Path) -> str:
    """Where the traceback was written; '' if nowhere."""
    for folder in (project / ".headgate", Path(tempfile.gettempdir())):
        try:
            handle, path = tempfile.mkstemp(prefix="crash-", suffix=".txt", dir=folder)
        except OSError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(trace)
        except OSError:
            # On a full disk a file can be made, but nothing written into it.
            Path(path).unlink(missing_ok=True)
            continue
        return path
    return ""
