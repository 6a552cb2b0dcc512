"""One edge for all clients. Which of them got through which endpoint is held against what the edge tells."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cloudflare import Cloudflare

from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
CLAIMS = "test_claims.py"


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    running = RunningEdge(tmp_path_factory.mktemp("clients")).start()
    yield running
    running.stop()


NAMES = itertools.count(1)


@pytest.fixture
def script(edge: RunningEdge) -> Iterator[str]:
    """A Worker's name that no other test has. The Worker goes with the test."""
    name = f"client-{next(NAMES)}"
    yield name
    edge.forget(name)


@pytest.fixture
def sdk(edge: RunningEdge) -> Iterator[Cloudflare]:
    """The Python SDK. An answer that its types do not allow is an error."""
    client = Cloudflare(
        api_token=edge.told["token"],
        base_url=edge.told["api_url"],
        max_retries=0,
        _strict_response_validation=True,
    )
    with client:
        yield client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The claims are looked at when all clients have done their work."""
    places = [place for place, item in enumerate(items) if item.path.parent == HERE]
    ordered = sorted((items[place] for place in places), key=lambda item: item.path.name == CLAIMS)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item
