"""What is measured on: the example shop, released twice, on a local edge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.demo.edge import furnish, running_edge
from tools.demo.shell import HEADGATE, NODE, ROOT, WRANGLER, Shell
from tools.shop import lay_out
from tools.shopper import Request
from tools.strict_client import StrictClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PROJECT = ROOT / "build" / "bench" / "shop"
SCRIPT = "shop-production"
WATCH_SECONDS = 2
LONGEST_SECONDS = 120
LOOK_EVERY_SECONDS = 0.002


class BenchFailed(Exception):
    """A command that is measured did not do what it should; the text says which."""


@dataclass
class Scene:
    """The project, its edge, and the variables with which wrangler speaks to it."""

    shell: Shell
    traffic_port: int

    def headgate(self, *arguments: str) -> list[str]:
        """A command line of Headgate."""
        return [str(HEADGATE), *arguments]

    def wrangler(self, *arguments: str) -> list[str]:
        """A command line of the real wrangler."""
        return [str(NODE), str(WRANGLER), *arguments]

    def run(self, command: Sequence[str]) -> str:
        """Run a command to its end; its output. Raises BenchFailed."""
        process = self.start(command)
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
        if process.returncode:
            raise BenchFailed(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
        return output

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command, as a user's shell would."""
        path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        variables = {"PATH": path, "WRANGLER_SEND_METRICS": "false", "CI": "1", **self.shell.variables}
        # Without it Python would compile all its modules again at each start, which no user has.
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(
            command,
            cwd=self.shell.project,
            env=inherited | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def serving(self, door: StrictClient) -> str:
        """The version that answers users now."""
        answer = door.send(Request("/health")).answer
        if answer is None or answer.version is None:
            raise BenchFailed("no version of the shop answers")
        return answer.version

    @contextmanager
    def door(self) -> Iterator[StrictClient]:
        """A user's connection to production."""
        client = StrictClient(self.traffic_port, f"{SCRIPT}.localhost", timeout_s=5)
        try:
            yield client
        finally:
            client.close()

    def seconds_until_switched(self, command: Sequence[str]) -> float:
        """Run a command; how long it took until users were served by another version than before."""
        with self.door() as door:
            before = self.serving(door)
            began = time.perf_counter()
            process = self.start(command)
            while self.serving(door) == before:
                if time.perf_counter() - began > LONGEST_SECONDS or process.poll() not in (None, 0):
                    raise BenchFailed(f"{' '.join(command)} moved no traffic:\n{process.communicate()[0]}")
                time.sleep(LOOK_EVERY_SECONDS)
            switched = time.perf_counter() - began
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
        if process.returncode:
            raise BenchFailed(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
        return switched

    def deployed(self) -> list[dict[str, Any]]:
        """The split that serves now, as the API tells it."""
        path = f"/workers/scripts/{SCRIPT}/deployments"
        return list(self._api("GET", path)["deployments"][0]["versions"])

    def deploy(self, split: list[dict[str, Any]]) -> None:
        """Set a split behind everybody's back."""
        self._api(
            "POST", f"/workers/scripts/{SCRIPT}/deployments", {"strategy": "percentage", "versions": split}
        )

    def _api(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        variables = self.shell.variables
        request = urllib.request.Request(  # noqa: S310 - the edge, on loopback
            f"{variables['CLOUDFLARE_API_BASE_URL']}/accounts/{variables['CLOUDFLARE_ACCOUNT_ID']}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {variables['CLOUDFLARE_API_TOKEN']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)["result"]


@contextmanager
def scene() -> Iterator[Scene]:
    """A shop with two good releases; everything is down again at the end."""
    shell = Shell(PROJECT)
    if PROJECT.exists():
        shell.headgate("edge", "down")
        shutil.rmtree(PROJECT)
    lay_out(PROJECT)
    _watch_shortly(PROJECT / "headgate.toml")
    with running_edge(shell) as edge:
        furnish(shell)
        made = Scene(shell, edge.traffic_port)
        made.run(made.headgate("test"))
        for number in (1, 2):
            made.run(made.headgate("deploy", "--reason", f"release {number}"))
        yield made


def _watch_shortly(file: Path) -> None:
    """How long a release is watched is the user's choice, and is left out of the figures."""
    head, _, _ = file.read_text().partition("[watch]")
    file.write_text(
        f"{head}[watch]\nduration_seconds = {WATCH_SECONDS}\ninterval_seconds = 1\n\n"
        "[judge]\ngrace_seconds = 0\nalone_latency_ratio = 5\nalone_latency_increase_ms = 500\n"
    )
