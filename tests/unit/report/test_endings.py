"""What a report says of a change that turned round is what the record shows."""

from __future__ import annotations

import pytest

from headgate.domain.report import figures
from headgate.domain.report.reading import report_of
from tests.unit.report.endings import ENDINGS
from tests.unit.report.stories import BACK, OLD, SHOP, STEPS, STORIES, release
from tests.unit.report.story import Story

TOLD = {**STORIES, **ENDINGS}


@pytest.mark.parametrize(
    ("story", "ending"),
    [
        ("released", None),
        ("rejected", None),
        ("stuck", None),
        ("failed_in_staging", "never changed"),
        ("upload_failed", "never changed"),
        ("first_upload_failed", "never changed"),
        ("failed_at_zero", "no traffic moved"),
        ("switch_failed", "went back"),
        ("rolled_back", "went back"),
        ("first_release_taken_away", "withdrawn"),
        ("foreign_change", "left alone"),
        ("somebody_else_deployed", "left alone"),
    ],
)
def test_how_far_it_had_come(story: str, ending: str | None) -> None:
    assert report_of(TOLD[story]().entries).about.ending == ending


@pytest.mark.parametrize("story", ["failed_in_staging", "upload_failed", "failed_at_zero", "foreign_change"])
def test_no_time_is_told_for_traffic_that_did_not_come_back(story: str) -> None:
    assert report_of(TOLD[story]().entries).metrics.back_seconds is None


@pytest.mark.parametrize("story", [name for name in TOLD if "released" not in name and name != "closed"])
def test_why_going_back_is_not_ready_is_told(story: str) -> None:
    metrics = report_of(TOLD[story]().entries).metrics
    assert not metrics.rollback_ready
    assert metrics.rollback_checked


def test_the_build_is_told_beside_the_deploy_time() -> None:
    report = report_of(STORIES["released"]().entries)
    assert report.metrics.build_seconds == 0.9
    assert "plus a build of 0.90s before the proposal" in figures.deploy_time(report)


def test_of_builds_at_once_the_slowest_counts() -> None:
    story = Story(release())
    took = {"staging": 2310, "production": 1900}
    calls = [f"wrangler deploy --dry-run --env={name} exit 0 ({ms} ms)" for name, ms in took.items()]
    story.plan(STEPS, BACK, f"GET {SHOP}/deployments 200 (9000 ms)", *calls, serving=OLD)
    assert report_of(story.entries).metrics.build_seconds == 2.31


def test_a_rollback_builds_nothing() -> None:
    report = report_of(STORIES["rollback"]().entries)
    assert report.metrics.build_seconds is None
    assert "build" not in figures.deploy_time(report)
