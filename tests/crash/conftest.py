"""One edge and one project for all kills: each release goes on top of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.project import ROOT, Project, lay_out_project
from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A shop that was released once."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    edge = RunningEdge(tmp_path_factory.mktemp("edge")).start()
    project = lay_out_project(folder / "shop", "shop", edge)
    project.set("headgate.toml", "duration_seconds = 2", "duration_seconds = 1")
    project.deploy("open the shop")
    yield project
    edge.stop()
