"""A canary on the local edge, with customers: promoted through its stages, or sent back from one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_releases import ROLLED_BACK, traffic
from tools.shop import BETTER, FLAKY

if TYPE_CHECKING:
    from tests.e2e.project import Project

pytestmark = pytest.mark.e2e

CANARY = """
[rollout]
strategy = "canary"
steps = [50, 100]
soak_seconds = 2
baseline_seconds = 2
"""


def test_a_canary_is_promoted_through_its_stages_and_a_bad_one_is_sent_back(project: Project) -> None:
    project.deploy("open the shop")
    file = project.folder / "headgate.toml"
    file.write_text(file.read_text() + CANARY)
    with traffic(project, rate_per_s=200):
        project.lay_over(BETTER)
        project.deploy("search, step by step")
        better = project.version_serving()
        assert project.split()[better] == 100
        project.lay_over(FLAKY)
        told = project.deploy("scarce products, step by step", expect=ROLLED_BACK)
        assert project.split()[better] == 100
    steps = [step["name"] for step in told["steps"] if step["state"] == "undone"]
    assert "canary50-production" in steps
    assert "evidence" in told["verdict"]
    history = json.loads(project.headgate("history", "--json").stdout)["changes"]
    assert [change["outcome"] for change in history] == ["rolled back", "done", "done"]
