"""`headgate edge up|down|status|logs`: a local Cloudflare. It is a program of its own, run as a process."""

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


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "act",
        metavar="up|down|status|logs",
        choices=("up", "down", "status", "logs"),
        help="up: start it; down: stop it; status: where it is; logs: what it wrote",
    )
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
    given = {"--port": args.port, "--traffic-port": args.traffic_port} if args.act == "up" else {}
    flags = ["-f"] if args.act == "logs" and args.follow else []
    flags += ["--json"] if as_json and args.act != "logs" else []
    values = [part for name, value in given.items() if value for part in (name, value)]
    # Without the current folder on its path: no file of the project may pass for a module of Python.
    return [sys.executable, "-P", "-m", "localedge", args.act, "--folder", str(folder), *values, *flags]


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
