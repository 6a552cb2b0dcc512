"""A project to release, as a user has it: the example shop in a folder, with its Workers on a local edge.

Several projects share one edge; each has a service name, and so Workers, of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.shop import lay_out, lay_over

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

ROOT = Path(__file__).resolve().parents[2]
HEADGATE = Path(sys.executable).parent / "headgate"
ENVIRONMENTS = ("staging", "production")
COMMAND_SECONDS_MAX = 300
WATCH = {"duration_seconds": "2", "interval_seconds": "0.5"}
JUDGE = {"grace_seconds": "0", "alone_latency_ratio": "5", "alone_latency_increase_ms": "500"}


@dataclass(frozen=True)
class Project:
    """A laid-out shop named `service`."""

    folder: Path
    service: str
    edge: RunningEdge

    @property
    def script(self) -> str:
        """The Worker in production."""
        return f"{self.service}-production"

    def headgate(self, *arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line, as a user would, and check how it ends."""
        done = subprocess.run(
            [str(HEADGATE), *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line, and leave it running."""
        return subprocess.Popen(
            [str(HEADGATE), *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        """The variables of a user's shell."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "HEADGATE_ACTOR": "person:ann", "NO_COLOR": "1"}

    def deploy(self, reason: str = "a test", *, expect: int | None = 0) -> dict[str, Any]:
        """Test and deploy to production; what `deploy --json` says."""
        self.headgate("test")
        return dict(json.loads(self.headgate("deploy", "--reason", reason, "--json", expect=expect).stdout))

    def version_serving(self) -> str:
        """Which version answers users in production now."""
        return str(self.edge.visit(self.script, "/health").headers["x-localedge-version"])

    def split(self, environment: str = "production") -> dict[str, float]:
        """Version id -> percentage of the current deployment."""
        answer = self.edge.api("GET", f"/workers/scripts/{self.service}-{environment}/deployments")
        versions = answer.result["deployments"][0]["versions"]
        return {version["version_id"]: version["percentage"] for version in versions}

    def lay_over(self, release: str) -> None:
        """Go on to the next release of the shop."""
        lay_over(self.folder, release)

    def set(self, file: str, old: str, new: str) -> None:
        """Change a text in a file."""
        path = self.folder / file
        content = path.read_text()
        assert old in content, f"{old!r} is not in {file}"
        path.write_text(content.replace(old, new))


def lay_out_project(folder: Path, service: str, edge: RunningEdge) -> Project:
    """A project whose Workers do not exist yet, but for their secrets and namespaces."""
    lay_out(folder)
    project = Project(folder, service, edge)
    _rename(project)
    for environment in ENVIRONMENTS:
        _furnish(project, environment)
    return project


def _rename(project: Project) -> None:
    project.set("headgate.toml", 'service = "shop"', f'service = "{project.service}"')
    project.set("headgate.toml", 'local_edge = ".headgate/edge"', f'local_edge = "{project.edge.folder}"')
    head, _, _ = (project.folder / "headgate.toml").read_text().partition("[watch]")
    watch = "\n".join(f"{name} = {value}" for name, value in WATCH.items())
    judge = "\n".join(f"{name} = {value}" for name, value in JUDGE.items())
    (project.folder / "headgate.toml").write_text(f"{head}[watch]\n{watch}\n\n[judge]\n{judge}\n")
    project.set("wrangler.jsonc", '"name": "shop"', f'"name": "{project.service}"')


def _furnish(project: Project, environment: str) -> None:
    """Its namespace goes into the configuration, and its secret into a draft Worker, as wrangler does it."""
    script = f"{project.service}-{environment}"
    namespace = project.edge.api("POST", "/storage/kv/namespaces", json={"title": script}).result["id"]
    head, found, tail = (project.folder / "wrangler.jsonc").read_text().partition(f'"{environment}": {{')
    assert found
    bound = tail.replace('"binding": "SHOP"', f'"binding": "SHOP", "id": "{namespace}"', 1)
    (project.folder / "wrangler.jsonc").write_text(head + found + bound)
    project.edge.deploy(script)
    secret = {"name": "CART_SIGNING_KEY", "text": "0123456789abcdef", "type": "secret_text"}
    assert project.edge.api("PUT", f"/workers/scripts/{script}/secrets", json=secret).status == 200
