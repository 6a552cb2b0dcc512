"""`headgate test`: run the project's tests on the artifact, and record that it was this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.domain.evidence import TestRun
    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "command",
        metavar="COMMAND",
        nargs="*",
        help="after `--`: the command that runs the tests (default: [tests] command in headgate.toml)",
    )


def run(args: Namespace, context: Context) -> int:
    """Pass on what the tests print, and record their results. Code 1 if they failed."""
    # With --json, what the tests print goes beside the result.
    output = (context.err if context.json else context.out).fileno()
    done = context.application.test(author=context.actor, output=output, command=tuple(args.command))
    code = ExitCode.FAILED if done.exit_code else ExitCode.DONE
    if context.json:
        context.give(_as_json(done, code))
    else:
        context.say("\n".join(_lines(done)))
    return code


def _lines(done: TestRun) -> list[str]:
    from headgate.entrypoints.cli.views.words import duration

    took = duration(done.seconds)
    head = (
        f"The tests passed in {took}."
        if not done.exit_code
        else f"The tests failed: exit code {done.exit_code}."
    )
    lines = ["", head, f"  artifact {done.artifact}", f"  recorded {', '.join(done.recorded)}"]
    if done.stale:
        lines.append(f"  left over from another run, and not recorded: {', '.join(done.stale)}")
    return lines


def _as_json(done: TestRun, code: int) -> dict[str, object]:
    return {
        "artifact": done.artifact,
        "command": list(done.command),
        "tests_exit_code": done.exit_code,
        "seconds": round(done.seconds, 3),
        "recorded": list(done.recorded),
        "stale": list(done.stale),
        "exit_code": int(code),
    }
