"""The real wrangler, pointed at a local edge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.localedge.client import RunningEdge

REPOSITORY = Path(__file__).parents[2]
NODE = [sys.executable, str(REPOSITORY / "tools/node.py"), "node"]
WRANGLER = [*NODE, str(REPOSITORY / "node_modules/wrangler/bin/wrangler.js")]
SECONDS = 60


class Wrangler:
    """Runs wrangler in a project's folder, with a home of its own and nothing of this machine's settings."""

    def __init__(self, edge: RunningEdge, project: Path, program: Sequence[str] = WRANGLER) -> None:
        """`program` is another release, with its Node."""
        self._project = project
        self._program = program
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CLOUDFLARE", "WRANGLER"))
        }
        self.environment = kept | {
            "CLOUDFLARE_API_BASE_URL": edge.told["api_url"],
            "CLOUDFLARE_ACCOUNT_ID": edge.told["account_id"],
            "CLOUDFLARE_API_TOKEN": edge.told["token"],
            "WRANGLER_SEND_METRICS": "false",
            "CI": "1",
            "NO_COLOR": "1",
            "HOME": str(project.parent),
        }

    def write(self, code: str, **settings: object) -> None:
        """Make the project: a Worker of one module, and its configuration."""
        self._project.mkdir(exist_ok=True)
        whole = {"main": "index.js", "compatibility_date": "2026-01-01", **settings}
        (self._project / "wrangler.json").write_text(json.dumps(whole))
        (self._project / "index.js").write_text(code)

    def run(self, *arguments: str, typed: str = "", check: bool = True) -> str:
        """Run one command; what it printed."""
        done = subprocess.run(
            [*self._program, *arguments],
            cwd=self._project,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode == 0) is check, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout if check else done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - it is JSON
        """Run one command that prints JSON."""
        return json.loads(self.run(*arguments))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on until it is told to stop."""
        return subprocess.Popen(
            [*self._program, *arguments],
            cwd=self._project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def signal_to(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to a started command and to the process that does its work."""
    os.killpg(process.pid, number)


def first_event(
    edge: RunningEdge, script: str, tail: subprocess.Popen[str], path: str = "/z"
) -> dict[str, Any]:
    """Ask the Worker again and again until wrangler has printed an event."""
    told = threading.Event()

    def keep_asking() -> None:
        for _ in range(200):
            edge.visit(script, path)
            if told.wait(0.1):
                return
        signal_to(tail, signal.SIGKILL)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        return read_event(tail)
    finally:
        told.set()
        asking.join()


def read_event(tail: subprocess.Popen[str]) -> dict[str, Any]:
    """The first JSON object that it prints."""
    assert tail.stdout is not None
    printed = ""
    for line in tail.stdout:
        printed += line
        try:
            event: dict[str, Any] = json.loads(printed)
        except ValueError:
            continue
        return event
    pytest.fail(f"no event came, but: {printed}")
