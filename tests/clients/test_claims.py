"""What the edge claims of a client is what that client did: no more, and no less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.releases import programs
from tests.clients.seen import claimed, seen

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_every_claim_was_seen_and_everything_seen_is_claimed(
    edge: RunningEdge, request: pytest.FixtureRequest
) -> None:
    there = {file.name for file in request.path.parent.glob("test_*.py")}
    ran = {item.path.name for item in request.session.items if item.path.parent == request.path.parent}
    if None in programs().values():
        pytest.skip("a release of wrangler could not be driven, and some endpoints are used by it alone")
    if ran != there or request.config.option.keyword or request.session.testsfailed:
        pytest.skip("all clients' tests have to run, and well, before their claims can be held against them")
    found, told = seen(edge.folder), claimed()
    assert sorted(told - found) == [], "claimed in COVERAGE (`by`), and not seen"
    assert sorted(found - told) == [], "seen, and not claimed in COVERAGE (`by`)"
