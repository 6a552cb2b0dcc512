"""A local edge to measure on, started through its command and spoken to over its API."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2

from tools.demo.shell import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "build" / "bench" / "edge"
COMMAND_SECONDS = 60
HELLO = 'export default { fetch() { return new Response("hello, world"); } };'


class RunningEdge:
    """An edge, as its API's clients see it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.pid = int(told["pid"])
        self.traffic_port = int(told["traffic_url"].rpartition(":")[2])
        self._api = httpx2.Client(
            base_url=f"{told['api_url']}/accounts/{told['account_id']}/workers/scripts",
            headers={"Authorization": f"Bearer {told['token']}"},
            timeout=COMMAND_SECONDS,
        )
        self._metrics_url = told["api_url"].removesuffix("/client/v4") + "/metrics"

    def close(self) -> None:
        self._api.close()

    def upload(self, script: str, *, first: bool = False) -> str:
        """Upload hello-world as a new version; the first makes the Worker, and serves. The version's id."""
        metadata = {"main_module": "index.js", "compatibility_date": "2026-01-01"}
        files = {
            "metadata": (None, json.dumps(metadata)),
            "index.js": ("index.js", HELLO, "application/javascript+module"),
        }
        method, path, key = ("PUT", "", "version_id") if first else ("POST", "/versions", "id")
        return str(self._ask(method, f"/{script}{path}", files=files)[key])

    def split(self, script: str, shares: dict[str, float]) -> None:
        versions = [{"version_id": version_id, "percentage": share} for version_id, share in shares.items()]
        self._ask("POST", f"/{script}/deployments", json={"strategy": "percentage", "versions": versions})

    def requests_counted(self, script: str) -> int:
        """By `/metrics`, over all versions of a Worker."""
        lines = self._api.get(self._metrics_url).raise_for_status().text.splitlines()
        ours = (line for line in lines if line.startswith("localedge_requests_total{"))
        return sum(int(float(line.rpartition(" ")[2])) for line in ours if f'script="{script}"' in line)

    def _ask(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - requests and their JSON
        return self._api.request(method, path, **request).raise_for_status().json()["result"]


@contextmanager
def running_edge() -> Iterator[RunningEdge]:
    """A new edge, down again at the end."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    _localedge("up")
    edge = RunningEdge(json.loads((FOLDER / "edge.json").read_text()))
    try:
        yield edge
    finally:
        edge.close()
        _localedge("down")


def _localedge(command: str) -> None:
    arguments = [sys.executable, "-m", "localedge", command, "--folder", str(FOLDER)]
    subprocess.run(arguments, check=True, timeout=COMMAND_SECONDS, stdout=subprocess.DEVNULL)
