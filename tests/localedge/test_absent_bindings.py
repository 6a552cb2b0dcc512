"""Bindings that only the platform has fail an upload in words; none is left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localedge.features import ABSENT_BINDINGS

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


@pytest.mark.parametrize("kind", ABSENT_BINDINGS)
def test_an_upload_with_it_is_refused(edge: RunningEdge, script: str, kind: str) -> None:
    form = edge.greeter("hello", bindings=[{"name": "IT", "type": kind}])
    answer = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert (answer.status, answer.codes) == (400, [10501])
    assert kind in answer.message
    assert edge.api("GET", f"/workers/scripts/{script}/settings").status == 404
