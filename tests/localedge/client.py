"""A local edge under test: started through its command, spoken to over HTTP, as any client does."""

# ruff: noqa: ANN401 - requests and their JSON are what the tests make of them

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

COMMAND_SECONDS = 60
ES_MODULE = "application/javascript+module"

GREETER = """
export default {
  async fetch(request, env) {
    return Response.json({ says: "SAYS", version: env.META?.id, secret: env.TOKEN ?? null });
  },
};
"""


def localedge(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one command of the edge."""
    command = [sys.executable, "-m", "localedge", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    assert done.returncode == 0 or not check, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@dataclass
class Answer:
    """An answer's status and, of its envelope, what counts."""

    status: int
    result: Any
    codes: list[int] = field(default_factory=list)
    message: str = ""
    info: dict[str, Any] = field(default_factory=dict)


class RunningEdge:
    """An edge that runs on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: dict[str, Any] = {}
        self.http = httpx2.Client(timeout=30)

    def start(self, *arguments: str) -> RunningEdge:
        localedge("up", "--folder", str(self.folder), *arguments)
        self.told = json.loads((self.folder / "edge.json").read_text())
        return self

    def stop(self) -> None:
        self.http.close()
        localedge("down", "--folder", str(self.folder))

    @property
    def account_url(self) -> str:
        return f"{self.told['api_url']}/accounts/{self.told['account_id']}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.told['token']}"}

    def raw(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """A request to the account; a path that begins with `http` is taken as it is."""
        url = path if path.startswith("http") else f"{self.account_url}{path}"
        headers = {**self.bearer, **request.pop("headers", {})}
        return self.http.request(method, url, headers=headers, **request)

    def api(self, method: str, path: str, **request: Any) -> Answer:
        """A request whose answer is an envelope."""
        response = self.raw(method, path, **request)
        body = response.json()
        assert body["success"] is (response.status_code < 400), body
        assert body["messages"] == []
        codes = [error["code"] for error in body["errors"]]
        message = "; ".join(error["message"] for error in body["errors"])
        return Answer(response.status_code, body["result"], codes, message, body.get("result_info", {}))

    def form(self, code: str, **metadata: Any) -> dict[str, Any]:
        """The form of an upload of one module."""
        whole = {"main_module": "index.js", "compatibility_date": "2026-01-01", **metadata}
        return {"files": {"metadata": (None, json.dumps(whole)), "index.js": ("index.js", code, ES_MODULE)}}

    def greeter(self, says: str, **metadata: Any) -> dict[str, Any]:
        """The form of a Worker that tells who it is."""
        bindings = [{"name": "META", "type": "version_metadata"}, *metadata.pop("bindings", [])]
        return self.form(GREETER.replace("SAYS", says), bindings=bindings, **metadata)

    def deploy(self, script: str, says: str = "hello", **metadata: Any) -> str:
        """Upload a greeter and give it all traffic; its version's id."""
        answer = self.api("PUT", f"/workers/scripts/{script}", **self.greeter(says, **metadata))
        assert answer.status == 200, answer
        return str(answer.result["version_id"])

    def add_version(self, script: str, says: str, **metadata: Any) -> str:
        """Upload a greeter that does not serve yet; its version's id."""
        answer = self.api("POST", f"/workers/scripts/{script}/versions", **self.greeter(says, **metadata))
        assert answer.status == 200, answer
        return str(answer.result["id"])

    def serve(self, script: str, *shares: tuple[str, float], query: str = "", **body: Any) -> Answer:
        """Make a deployment."""
        versions = [{"version_id": version_id, "percentage": share} for version_id, share in shares]
        whole = {"strategy": "percentage", "versions": versions, **body}
        return self.api("POST", f"/workers/scripts/{script}/deployments{query}", json=whole)

    def forget(self, script: str) -> None:
        """Delete a Worker if it is there: an edge has room for so many versions."""
        with contextlib.suppress(httpx2.TransportError):  # a test may have stopped the edge
            self.raw("DELETE", f"/workers/scripts/{script}?force=true")

    def visit(self, script: str, path: str = "/", **headers: str) -> httpx2.Response:
        """A request to a Worker, as its users send it."""
        port = self.told["traffic_url"].rpartition(":")[2]
        headers = {"Host": f"{script}.localhost:{port}", **headers}
        return self.http.get(f"{self.told['traffic_url']}{path}", headers=headers)
