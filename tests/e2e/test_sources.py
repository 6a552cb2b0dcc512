"""Releases that are judged by another source of measurements than the edge's own counters."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tools.load import Bounds, Load
from tools.shop import BETTER, FLAKY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.project import Project

pytestmark = pytest.mark.e2e

ROLLED_BACK = 4


@contextmanager
def traffic(project: Project) -> Iterator[None]:
    """Customers in production while the block runs."""
    port = urlsplit(project.edge.told["traffic_url"]).port
    assert port is not None
    load = Load(port, f"{project.script}.localhost", Bounds(rate_per_s=50, visitors=8, seconds=300))
    load.start()
    try:
        yield
    finally:
        load.stop()


def measured_by(project: Project, source: str) -> None:
    file = project.folder / "headgate.toml"
    text = file.read_text().replace("duration_seconds = 2", "duration_seconds = 20")
    file.write_text(f'{text}\n[metrics]\nsource = "{source}"\n')


def doctors_word(project: Project) -> str:
    """What `headgate doctor` says of the measurements, which have to be well."""
    found = json.loads(project.headgate("doctor", "--json", expect=None).stdout)
    (said,) = [one for one in found["checks"] if one["name"] == "measurements"]
    assert said["ok"], said
    return str(said["what"])


def test_a_bad_release_is_rolled_back_by_what_the_live_tail_tells(project: Project) -> None:
    project.deploy("open the shop")
    good = project.version_serving()
    measured_by(project, "cloudflare-tail")
    assert "is connected" in doctors_word(project)
    project.lay_over(BETTER)
    project.lay_over(FLAKY)
    with traffic(project):
        told = project.deploy("make it worse", expect=ROLLED_BACK)

    assert project.version_serving() == good
    assert told["outcome"] == "rolled back"
    assert "tails/" not in project.headgate("journal", "show").stdout


def test_a_release_that_nobody_uses_is_judged_by_probes(project: Project) -> None:
    project.deploy("open the shop")
    before = project.version_serving()
    measured_by(project, "probes")
    assert "sent as probes" in doctors_word(project)
    project.lay_over(BETTER)
    project.deploy("make it better")

    assert project.version_serving() != before
