"""Runs commands as a user would, in the demo's project, and shows each one before it runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools.node import wheel_folder

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = wheel_folder() / "bin" / "node"
WRANGLER = ROOT / "node_modules" / "wrangler" / "bin" / "wrangler.js"
HEADGATE = Path(sys.executable).parent / "headgate"

_PATIENCE_S = 150


class DemoFailed(Exception):
    """Something went otherwise than the demo promises; the text says what."""


@dataclass
class Shell:
    """A folder and an environment to run commands in. No command may take longer than 150 s."""

    project: Path
    variables: dict[str, str] = field(default_factory=dict)
    """Added to this process's own environment."""

    def headgate(self, *arguments: str) -> int:
        """Run Headgate with its output on our terminal; its exit code."""
        self._show("headgate", arguments)
        return self._run([str(HEADGATE), *arguments]).returncode

    def headgate_told(self, *arguments: str) -> str:
        """Run Headgate and give what it printed. Raises DemoFailed."""
        self._show("headgate", arguments)
        return self._checked([str(HEADGATE), *arguments])

    def wrangler(self, *arguments: str, stdin: str = "") -> None:
        """Run the real wrangler without its output. Raises DemoFailed."""
        self._show("wrangler", arguments)
        self._checked([str(NODE), str(WRANGLER), *arguments], stdin)

    def _show(self, program: str, arguments: tuple[str, ...]) -> None:
        say(f"$ {program} {shlex.join(arguments)}")

    def _checked(self, command: list[str], stdin: str = "") -> str:
        done = self._run(command, stdin, capture=True)
        if done.returncode:
            told = f"{done.stdout}\n{done.stderr}".strip()
            raise DemoFailed(f"`{shlex.join(command)}` ended with exit code {done.returncode}:\n{told}")
        return done.stdout

    def _run(
        self, command: list[str], stdin: str | None = None, *, capture: bool = False
    ) -> subprocess.CompletedProcess[str]:
        settled = {
            "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "NODE_COMPILE_CACHE": str(ROOT / "build" / "node-cache"),
            "WRANGLER_SEND_METRICS": "false",
        }
        return subprocess.run(
            command,
            cwd=self.project,
            env=os.environ | settled | self.variables,
            input=stdin,
            capture_output=capture,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )


_started = time.monotonic()


def say(text: str = "") -> None:
    """Print at once, even into a pipe."""
    sys.stdout.write(f"{text}\n")  # in one piece, as two may speak at once
    sys.stdout.flush()


def heading(text: str) -> None:
    """Begin a part of the demo."""
    say(f"\n=== {text} (at {time.monotonic() - _started:.0f} s)\n")
