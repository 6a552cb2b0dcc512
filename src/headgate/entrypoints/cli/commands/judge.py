"""`headgate judge explain|replay`: why it was decided so, and what would be decided of recorded traffic."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from headgate.domain.errors import ConfigError
from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.domain.looks.recorded import Recorded
    from headgate.domain.settings import Settings
    from headgate.entrypoints.cli.context import Context

NEXT_SHARE_PERCENT = 100.0


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "act",
        metavar="explain|replay",
        choices=("explain", "replay"),
        help="explain: judge a change's readings again, look by look; replay: judge recorded traffic",
    )
    parser.add_argument(
        "what",
        metavar="CHANGE|FILE.csv",
        nargs="?",
        default="",
        help="explain: id of a change (default: the one that runs, else the newest); replay: a CSV file",
    )
    parser.add_argument(
        "--next-share",
        metavar="PERCENT",
        type=_share,
        default=NEXT_SHARE_PERCENT,
        help="replay: share of the traffic that a promotion would give the canary (default: %(default)g)",
    )
    parser.add_argument(
        "--soak",
        metavar="SECONDS",
        type=_seconds,
        default=None,
        help="replay: how long the canary has to be seen (default: soak_seconds in headgate.toml, else 120)",
    )


def run(args: Namespace, context: Context) -> int:
    """Explain or replay."""
    return _explain(args, context) if args.act == "explain" else _replay(args, context)


def _explain(args: Namespace, context: Context) -> int:
    """Code 1 if the judge does not come to the journal's answers."""
    from headgate.domain.looks.explaining import explained

    args.change = args.what
    record = context.application.record(options.change_of(args, context))
    looks = explained(record)
    same = not any(one.difference for one in looks)
    code = ExitCode.DONE if same else ExitCode.FAILED
    if context.json:
        context.give(
            {
                "change": record.change.id,
                "verdict": record.verdict,
                "same": same,
                "looks": [one.as_json() for one in looks],
                "exit_code": int(code),
            }
        )
        return code
    from headgate.entrypoints.cli.views.judged import explanation

    context.say("\n".join(explanation(record, looks, width=context.width, ink=context.ink)))
    return code


def _replay(args: Namespace, context: Context) -> int:
    """The verdict is what was asked for, so it is no failure whatever it is."""
    from dataclasses import asdict

    from headgate.domain.looks.rehearsing import rehearsed
    from headgate.domain.rollout.rules import rules_of
    from headgate.domain.rollout.stages import RolloutRules
    from headgate.domain.settings import JudgeSettings

    settings = _settings(context)
    judge = settings.judge if settings else JudgeSettings()
    rollout = settings.rollout if settings else RolloutRules()
    soak_seconds = rollout.soak_seconds if args.soak is None else args.soak
    found = rehearsed(
        _recorded(args.what),
        rules_of(asdict(judge)),
        next_share_percent=args.next_share,
        soak_seconds=soak_seconds,
    )
    last = found.looks[-1]
    if context.json:
        looks = [look.as_json() for look in found.looks]
        context.give({"answer": last.answer, "why": last.why, "not_looked_at": found.left, "looks": looks})
        return ExitCode.DONE
    from headgate.entrypoints.cli.views.judged import rehearsal

    context.say("\n".join(rehearsal(found, width=context.width, ink=context.ink)))
    return ExitCode.DONE


def _recorded(name: str) -> Recorded:
    from pathlib import Path

    from headgate.domain.looks.recorded import recorded

    if not name:
        raise ConfigError(
            "No file was named.",
            where="headgate judge replay",
            remedy="Give it: `headgate judge replay FILE.csv`.",
        )
    try:
        with Path(name).expanduser().open(encoding="utf-8-sig", newline="") as file:
            return recorded(file, name)
    except OSError as error:
        raise ConfigError(f"The file cannot be read: {error.strerror}.", where=name) from None
    except UnicodeDecodeError:
        raise ConfigError("The file is not UTF-8 text.", where=name) from None


def _settings(context: Context) -> Settings | None:
    """Those of the project that the command is given in; None outside of any."""
    from pathlib import Path

    from headgate.config import find, load

    file = find(context.project or Path.cwd())
    return load(file) if file else None


def _share(text: str) -> float:
    value = _number(text)
    if not 0 < value <= 100:
        raise ArgumentTypeError(f"{text!r} is not a share above 0 and up to 100 %")
    return value


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 <= value < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
