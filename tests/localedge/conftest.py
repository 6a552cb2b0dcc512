"""One edge for all tests here: each takes Workers and namespaces of its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    running = RunningEdge(tmp_path_factory.mktemp("edge")).start()
    yield running
    running.stop()


NAMES = itertools.count(1)


@pytest.fixture
def script(request: pytest.FixtureRequest) -> Iterator[str]:
    """A Worker's name that no other test has. The Worker goes with the test."""
    edge = request.getfixturevalue("edge") if "edge" in request.fixturenames else None
    name = f"worker-{next(NAMES)}"
    yield name
    if edge is not None:
        edge.forget(name)
