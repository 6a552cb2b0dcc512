"""Versions that are slow or fail on demand, and are as they were when that is lifted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.faults import EdgeFaults

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


@pytest.fixture
def faults(edge: RunningEdge) -> EdgeFaults:
    return EdgeFaults(edge)


def test_a_version_answers_with_a_status(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    version_id = edge.deploy(script)
    with faults.disturb(script=script, status=503):
        assert edge.visit(script).status_code == 503
        assert edge.api("GET", faults.url).result["traffic"][0]["version"] == version_id
    assert edge.visit(script).json()["version"] == version_id
    told = edge.http.get(edge.told["api_url"].replace("/client/v4", "/metrics")).text
    assert f'localedge_requests_total{{script="{script}",version="{version_id}",status="503"}} 1' in told


def test_a_version_throws(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    version_id = edge.deploy(script)
    with faults.disturb(version=version_id, exception=True):
        assert edge.visit(script).status_code == 500
    told = edge.http.get(edge.told["api_url"].replace("/client/v4", "/metrics")).text
    assert f'localedge_exceptions_total{{script="{script}",version="{version_id}"}} 1' in told


def test_a_version_is_slow_and_the_other_is_not(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    old, new = edge.deploy(script, "old"), edge.add_version(script, "new")
    edge.serve(script, (old, 50), (new, 50))

    def took(version_id: str) -> float:
        pin = {"Cloudflare-Workers-Version-Overrides": f'{script}="{version_id}"'}
        began = time.monotonic()
        assert edge.visit(script, **pin).json()["version"] == version_id
        return time.monotonic() - began

    with faults.disturb(version=new, delay_ms=1500):
        assert took(new) >= 1.5
        assert took(old) < 1.5
    assert took(new) < 1.5


def test_some_requests_fail_by_chance(edge: RunningEdge, faults: EdgeFaults, script: str) -> None:
    edge.deploy(script)
    with faults.disturb(script=script, status=500, probability=0.5):
        statuses = [edge.visit(script).status_code for _ in range(60)]
    assert 10 < statuses.count(500) < 50


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"script": "s"}, 400),
        ({"script": "s", "status": 99}, 400),
        ({"script": "s", "status": 500, "probability": 7}, 400),
        ({"script": "s", "explode": True}, 400),
        ({"script": "no-such-worker", "status": 500}, 404),
        ({"version": "no-such-version", "status": 500}, 409),
    ],
)
def test_what_makes_no_sense_is_refused(
    edge: RunningEdge, faults: EdgeFaults, body: dict[str, Any], status: int
) -> None:
    assert edge.api("POST", f"{faults.url}/traffic", json=body).status == status
