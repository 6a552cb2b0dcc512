"""A real local edge for the contract suites, one for the whole run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", name="edge_folder")
def a_running_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("edge")
    _edge("up", folder)
    yield folder
    _edge("down", folder)


def _edge(command: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localedge", command, "--folder", str(folder), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
