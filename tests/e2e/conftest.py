"""One edge for all end-to-end tests; each project has Workers of its own on it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.e2e.project import ROOT, Project, lay_out_project
from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    running = RunningEdge(tmp_path_factory.mktemp("edge")).start()
    yield running
    running.stop()


@pytest.fixture
def project(tmp_path: Path, edge: RunningEdge) -> Project:
    """A shop that was never released."""
    # wrangler is found as Node finds it: in the nearest node_modules above.
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return lay_out_project(tmp_path / "shop", f"shop{next(NUMBERS)}", edge)
