"""`python -m localedge up|down|status|logs|token`.

Exit codes: 0 it worked, 1 it failed, 2 wrong usage, 3 no edge runs on the folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import logging.handlers
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localedge import daemon, token_command
from localedge.access.limit import REQUESTS, WINDOW_SECONDS, Quota
from localedge.calling import CallFailed, call
from localedge.instance import LOG, AlreadyRunning, Instance, read_instance, running_pid

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FAILED, NOT_RUNNING = 0, 1, 3

DEFAULT_FOLDER = Path(".headgate/edge")
LOG_BYTES_MAX = 10 * 1024 * 1024
LOG_FILES = 2
LOGS = (
    "Print the edge's own log, logs/edge.log in its folder. What a Worker writes by console.log is in"
    " runtime/logs/version-ID.log there, and comes live by `wrangler tail`."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    options.folder = options.folder.absolute()
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it (`head`, say) has seen enough. Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def up(options: argparse.Namespace) -> int:
    """Start an edge and wait until it is ready, or run it here with --foreground."""
    if options.port and options.port == options.traffic_port:
        return _fail(f"--port and --traffic-port both name port {options.port}; each needs one of its own")
    if options.foreground:
        return _run_here(options)
    try:
        instance = daemon.start(options.folder, _arguments(options))
    except (AlreadyRunning, daemon.DidNotStart) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"the folder {options.folder} cannot be used: {error}")
    _print_instance(instance, options)
    return OK


def down(options: argparse.Namespace) -> int:
    """Stop the folder's edge and wait until it has stopped."""
    pid = running_pid(options.folder)
    if pid is None:
        return _not_running(options)
    try:
        daemon.stop(options.folder, pid)
    except daemon.DidNotStop as error:
        return _fail(str(error))
    _say(json.dumps({"stopped": pid}) if options.json else f"The local edge (process {pid}) has stopped.")
    return OK


def status(options: argparse.Namespace) -> int:
    """Tell where the folder's edge is."""
    instance = read_instance(options.folder)
    if instance is not None:
        _print_instance(instance, options, _processes(instance))
        return OK
    pid = running_pid(options.folder)
    if pid is None:
        return _not_running(options)
    return _fail(f"the local edge on {options.folder} (process {pid}) is starting or stopping")


def logs(options: argparse.Namespace) -> int:
    """Print the end of the log, and with -f what is added to it."""
    path = options.folder / LOG
    if not path.exists():
        return _fail(f"there is no log at {path}; has an edge been started on this folder?", code=NOT_RUNNING)
    try:
        for line in daemon.log_lines(path, last=options.lines, follow=options.follow, folder=options.folder):
            sys.stdout.write(line)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return OK
    return OK


def _run_here(options: argparse.Namespace) -> int:
    # Imported late, so that the other commands do not wait for the HTTP server's packages.
    from localedge.server import CannotStart, serve

    _log_to(options.folder / LOG if options.log_to_file else None)
    try:
        ports = {"port": options.port, "traffic_port": options.traffic_port}
        asyncio.run(serve(options.folder, **ports, quota=options.rate_limit))
    except (AlreadyRunning, CannotStart) as error:
        return _fail(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _fail("stopped before it was ready")
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="localedge", description="A Cloudflare that runs on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="where it keeps its state (%(default)s)"
    )
    shared.add_argument("--json", action="store_true", help="answer in JSON")

    command = commands.add_parser("up", parents=[shared], help="start it")
    command.add_argument(
        "--port", type=_port, default=0, help="of the API; default: last time's, else a free one"
    )
    command.add_argument("--traffic-port", type=_port, default=0, help="of the Workers; default: likewise")
    command.add_argument(
        "--rate-limit",
        type=_quota,
        nargs="?",
        const=Quota(),
        metavar="N/SECONDS",
        help=f"let the API be called only so often (without a value: {REQUESTS}/{WINDOW_SECONDS})",
    )
    command.add_argument("--foreground", action="store_true", help="run here, until Ctrl-C")
    command.add_argument("--log-to-file", action="store_true", help=argparse.SUPPRESS)
    command.set_defaults(run=up)

    command = commands.add_parser("down", parents=[shared], help="stop it")
    command.set_defaults(run=down)

    command = commands.add_parser("status", parents=[shared], help="tell whether it runs, and where")
    command.set_defaults(run=status)

    command = commands.add_parser("logs", parents=[shared], help="print its log", description=LOGS)
    command.add_argument("-f", "--follow", action="store_true", help="go on printing until Ctrl-C")
    command.add_argument(
        "-n", "--lines", type=int, default=100, help="how many of the last lines (%(default)s)"
    )
    command.set_defaults(run=logs)

    token_command.add_to(commands, shared)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        message = f"{text!r} is not a port from 0 to 65535"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _quota(text: str) -> Quota:
    requests, _, seconds = text.partition("/")
    if not (requests.isdecimal() and seconds.isdecimal() and int(requests) and int(seconds)):
        message = (
            f"{text!r} is not a number of requests and one of seconds, such as {REQUESTS}/{WINDOW_SECONDS}"
        )
        raise argparse.ArgumentTypeError(message)
    return Quota(int(requests), int(seconds))


def _arguments(options: argparse.Namespace) -> list[str]:
    """What `up` was told, for the process that it starts."""
    arguments = ["--port", str(options.port), "--traffic-port", str(options.traffic_port)]
    if options.rate_limit is not None:
        arguments += ["--rate-limit", f"{options.rate_limit.requests}/{options.rate_limit.window_seconds:g}"]
    return arguments


def _processes(instance: Instance) -> list[dict[str, Any]]:
    try:
        processes: list[dict[str, Any]] = call(instance, "GET", "/edge/processes")
    except CallFailed as failed:
        sys.stderr.write(f"localedge: {failed}\n")
        return []
    return processes


def _print_instance(
    instance: Instance, options: argparse.Namespace, processes: list[dict[str, Any]] | None = None
) -> None:
    if options.json:
        told = {"running": True, **instance.public(), "folder": str(options.folder)}
        _say(json.dumps(told if processes is None else {**told, "processes": processes}))
        return
    workers = instance.traffic_url.replace("127.0.0.1", "WORKER.localhost")
    _say(f"The local edge is up (process {instance.pid}).")
    _say(f"  API      {instance.api_url}")
    _say(f"  Workers  {workers}")
    _say(f"  Account  {instance.account_id}; the token is in {options.folder}/edge.json")
    for process in processes or []:
        megabytes = "" if process["memory_bytes"] is None else f"{process['memory_bytes'] / 1e6:.1f} MB"
        notes = [process.get("worker") or ""]
        notes += [f"restarted {process['restarts']} times"] if process["restarts"] else []
        notes += ["killed by a fault that was asked for (/edge/faults)"] if process.get("doomed") else []
        noted = ", ".join(note for note in notes if note)
        columns = (process["name"].ljust(44), process["state"].ljust(10), megabytes.rjust(9), noted)
        _say(f"  {'  '.join(columns)}".rstrip())


def _not_running(options: argparse.Namespace) -> int:
    if options.json:
        _say(json.dumps({"running": False, "folder": str(options.folder)}))
    return _fail(f"no local edge runs on {options.folder}", code=NOT_RUNNING)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _fail(message: str, *, code: int = FAILED) -> int:
    sys.stderr.write(f"localedge: {message}\n")
    return code


def _log_to(path: Path | None) -> None:
    """Log to standard error, or to a file that is turned over before it grows large."""
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES)
    logging.basicConfig(
        level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    # Its lines on every request and connection would say again what the access log says.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
