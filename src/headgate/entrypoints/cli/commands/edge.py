"""`headgate edge up|down|status|logs|token`: a local Cloudflare, a program of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.domain.errors import ConfigError
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context

DEFAULT_FOLDER = ".headgate/edge"
RATE_LIMIT = "1200/300"
"""The platform's."""


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "act",
        metavar="up|down|status|logs|token",
        choices=("up", "down", "status", "logs", "token"),
        help="up: start it; down: stop it; status: where it is; logs: what it wrote;"
        " token: make, list and delete tokens",
    )
    parser.add_argument(
        "token_act",
        metavar="create|list|delete",
        nargs="?",
        choices=("create", "list", "delete"),
        help="with `token`: what to do (default: create)",
    )
    parser.add_argument("id", metavar="ID", nargs="?", default="", help="with `token delete`: its id")
    parser.add_argument(
        "--folder",
        metavar="DIR",
        default="",
        help=f"where it keeps its state (default: local_edge in headgate.toml, else {DEFAULT_FOLDER})",
    )
    parser.add_argument(
        "--port", metavar="N", default="", help="with `up`: port of the API (default: a free one)"
    )
    parser.add_argument(
        "--traffic-port", metavar="N", default="", help="with `up`: port of the Workers (default: a free one)"
    )
    parser.add_argument(
        "-f", "--follow", action="store_true", help="with `logs`: go on printing what is added"
    )
    parser.add_argument(
        "--rate-limit",
        metavar="N/SECONDS",
        nargs="?",
        const=RATE_LIMIT,
        default="",
        help=f"with `up`: refuse API calls over so many in so many seconds (without a value: {RATE_LIMIT})",
    )
    parser.add_argument(
        "-n",
        "--lines",
        metavar="N",
        default="",
        help="with `logs`: how many of the last lines (default: 100)",
    )
    parser.add_argument("--name", metavar="NAME", default="", help="with `token`: what it is called")
    parser.add_argument(
        "--worker",
        metavar="NAME",
        action="append",
        default=[],
        help="with `token`: it is for this Worker alone; can be repeated",
    )
    parser.add_argument("--read-only", action="store_true", help="with `token`: it may change nothing")


def run(args: Namespace, context: Context) -> int:
    """Run the edge's own command and pass on its exit code."""
    import subprocess

    command = edge_command(args, _folder(args.folder, context), as_json=context.json)
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        # Ctrl-C went to the edge's command as well.
        return ExitCode.STOPPED


def edge_command(args: Namespace, folder: Path, *, as_json: bool) -> list[str]:
    """The command line of the local edge."""
    acts = ["token", args.token_act or "create"] if args.act == "token" else [args.act]
    given = [*_values(args), *(["--json"] if as_json and args.act != "logs" else [])]
    # Without the current folder on its path: no file of the project may pass for a module of Python.
    return [sys.executable, "-P", "-m", "localedge", *acts, "--folder", str(folder), *given]


def _values(args: Namespace) -> list[str]:
    """The arguments that the act takes, as they were given."""
    if args.act == "up":
        given = {"--port": args.port, "--traffic-port": args.traffic_port, "--rate-limit": args.rate_limit}
        return [part for name, value in given.items() if value for part in (name, value)]
    if args.act == "logs":
        return [*(["-f"] if args.follow else []), *(["-n", args.lines] if args.lines else [])]
    if args.act == "token" and args.token_act == "delete":
        return [args.id] if args.id else []
    if args.act == "token" and args.token_act != "list":
        workers = [part for name in args.worker for part in ("--worker", name)]
        return ["--name", args.name or "headgate", *workers, *(["--read-only"] if args.read_only else [])]
    return []


def _folder(named: str, context: Context) -> Path:
    if named:
        return Path(named).expanduser()
    start = context.project or Path.cwd()
    try:
        settings = context.settings
    except ConfigError:
        from headgate.config import find

        if find(start) is not None:
            raise
        return start / DEFAULT_FOLDER
    return Path(settings.project) / (settings.platform.local_edge or DEFAULT_FOLDER)
