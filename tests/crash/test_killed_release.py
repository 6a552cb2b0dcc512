"""SIGKILL between any two steps of a release: the next command takes it up, and it ends well."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.project import COMMAND_SECONDS_MAX, ROOT

if TYPE_CHECKING:
    from tests.e2e.project import Project

pytestmark = pytest.mark.crash

WRITES_OF_THE_STEPS = range(5, 21)
"""From the write that begins the first step to the one after the last. The other moments of a change's life
are walked through, each of them, by the engine's unit tests."""


def deploy_and_die(project: Project, writes: int) -> None:
    """Deploy, and be killed after so many writes to the journal."""
    command = [
        sys.executable,
        "-m",
        "tests.crash.mortal",
        str(writes),
        "deploy",
        "--reason",
        f"dies at {writes}",
    ]
    done = subprocess.run(
        [*command, "--project", str(project.folder)],
        cwd=ROOT,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def newest(project: Project) -> dict[str, Any]:
    return dict(json.loads(project.headgate("history", "--limit", "1", "--json").stdout)["changes"][0])


def uploads_of(project: Project, change_id: str) -> list[str]:
    """The versions in production that carry the change's tag."""
    versions = project.edge.api("GET", f"/workers/scripts/{project.script}/versions").result["items"]
    return [v["id"] for v in versions if v["annotations"].get("workers/tag") == change_id]


@pytest.mark.parametrize("writes", WRITES_OF_THE_STEPS)
def test_a_release_killed_between_any_two_steps_ends_well(released: Project, writes: int) -> None:
    before = released.version_serving()
    deploy_and_die(released, writes)
    released.headgate("resume", expect=None)
    change = newest(released)
    assert change["reason"] == f"dies at {writes}"
    assert change["outcome"] == "done"
    assert uploads_of(released, change["change"]) == [released.version_serving()]
    assert released.split() == {released.version_serving(): 100, before: 0}


def test_the_journal_holds_after_all_of_it(released: Project) -> None:
    assert "hold" in released.headgate("journal", "verify").stdout
